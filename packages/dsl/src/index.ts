/** Everything a route file or a config file may import. */
export { onFailure, onInDialog, onRequest } from './routes.ts'
export { defineConfig } from './config.ts'
export type { Config, Duration, Listen, RegistrationConfig, UacConfig } from './config.ts'
export type {
  CallContext,
  Credentials,
  Drop,
  FailureContext,
  InDialogContext,
  Log,
  Relay,
  RelayOptions,
  Reply,
  RequestContext,
  Target,
} from './context.ts'
export type {
  Address,
  CSeq,
  Headers,
  Message,
  ReadonlyHeaders,
  Request,
  Response,
  Source,
  Uri,
  UriLike,
  UriParts,
  Via,
} from './message.ts'
export type { FailureName, Register, Vars } from './register.ts'
export type { RouteHandle } from './handle.ts'
export type { Handler } from './table.ts'
