/** Everything a route file or a config file may import. */
export { onBranch, onBranchFailure, onFailure, onInDialog, onReply, onRequest } from './routes.ts'
export type { Named } from './routes.ts'
export { defineConfig } from './config.ts'
export type { Config, Duration, Listen, RegistrationConfig, UacConfig } from './config.ts'
export type {
  BranchContext,
  BranchFailureContext,
  CallContext,
  Credentials,
  Drop,
  FailureContext,
  Fork,
  ForkOptions,
  Identity,
  InDialogContext,
  Log,
  Redirect,
  Relay,
  RelayOptions,
  Reply,
  ReplyContext,
  RequestContext,
  Target,
  UacAuth,
  UacReplace,
  UacRestore,
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
export type { NameOf, Register, Vars } from './register.ts'
export type { RouteHandle } from './handle.ts'
export type { Handler } from './table.ts'
