/** Everything a route file or a config file may import. */
export {
  onBranch,
  onBranchFailure,
  onDispose,
  onEvent,
  onFailure,
  onInDialog,
  onLoad,
  onLocal,
  onReply,
  onRequest,
} from './routes.ts'
export type { Named } from './routes.ts'
export { defineConfig } from './config.ts'
export type { Config, Duration, Listen, RegistrarConfig, RegistrationConfig, UacConfig } from './config.ts'
export type {
  BranchContext,
  BranchFailureContext,
  CallContext,
  Credentials,
  Ha1,
  Drop,
  FailureContext,
  Fork,
  ForkOptions,
  Identity,
  InDialogContext,
  Log,
  Party,
  Redirect,
  Relay,
  RelayOptions,
  Reply,
  ReplyContext,
  RequestContext,
  Send,
  SendOptions,
  Target,
  UacAuth,
  UacReplace,
  UacRestore,
  UacSend,
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
export type {
  DisposeContext,
  EventContext,
  Events,
  LifecycleContext,
  LoadContext,
  LocalContext,
  SentRequest,
  UacRegistrationEvent,
  UacReplyEvent,
} from './own.ts'
export type {
  LookupOptions,
  Registrations,
  RegistrationRequests,
  RequestToOptions,
  Trunk,
  TrunkState,
  UacReg,
  UacRegRequest,
} from './trunks.ts'
export type { NameOf, Register, Vars } from './register.ts'
export type { Registrar } from './registrar.ts'
export type { RouteHandle } from './handle.ts'
export type { Sql, SqlResult, SqlValue } from './sql.ts'
export type { Handler } from './table.ts'
