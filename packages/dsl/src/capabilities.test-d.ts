/**
 * Which context has what, cell by cell: the table of the route kinds, each cell asserted, those that are there and those that are not. What a
 * capability takes is in context.test-d.ts.
 */
import type {
  BranchContext,
  BranchFailureContext,
  CallContext,
  EventContext,
  FailureContext,
  InDialogContext,
  LifecycleContext,
  LocalContext,
  ReplyContext,
  RequestContext,
  UacRegistrationEvent,
  UacReplyEvent,
} from './index.ts'

type Has<Context, Key extends PropertyKey> = Key extends keyof Context ? true : false
type At<Context, Key extends PropertyKey> = Context extends Readonly<Record<Key, infer Found>> ? Found : object
type Uac<Context> = At<Context, 'uac'>
type Reg<Context> = At<Uac<Context>, 'reg'>

/** Headers that can be set are edits; a message that is only read has none. */
type Edits<Message> = Has<At<Message, 'headers'>, 'set'>

interface Row<Context> {
  req: Has<Context, 'req'>
  edits: Edits<At<Context, 'req'>>
  log: Has<Context, 'log'>
  vars: Has<Context, 'vars'>
  sql: Has<Context, 'sql'>
  signal: Has<Context, 'signal'>
  done: Has<Context, 'done'>
  data: Has<Context, 'data'>
  relay: Has<Context, 'relay'>
  fork: Has<Context, 'fork'>
  reply: Has<Context, 'reply'>
  redirect: Has<Context, 'redirect'>
  drop: Has<Context, 'drop'>
  registrar: Has<Context, 'registrar'>
  res: Has<Context, 'res'>
  resEdits: Edits<At<Context, 'res'>>
  responses: Has<Context, 'responses'>
  canceled: Has<Context, 'canceled'>
  send: Has<Uac<Context>, 'send'>
  auth: Has<Uac<Context>, 'auth'>
  replaceFrom: Has<Uac<Context>, 'replaceFrom'>
  replaceTo: Has<Uac<Context>, 'replaceTo'>
  restoreFrom: Has<Uac<Context>, 'restoreFrom'>
  restoreTo: Has<Uac<Context>, 'restoreTo'>
  lookup: Has<Reg<Context>, 'lookup'>
  status: Has<Reg<Context>, 'status'>
  requestTo: Has<Reg<Context>, 'requestTo'>
}

/** The cells that are there and not named, or named and not there. The compiler says which. */
type Wrong<Context, Names extends keyof Row<unknown>> = {
  [Key in keyof Row<unknown>]: Row<Context>[Key] extends (Key extends Names ? true : false) ? never : Key
}[keyof Row<unknown>]
type None<Cells extends never> = Cells

type Shared = 'req' | 'log' | 'vars' | 'sql' | 'signal' | 'done' | 'send' | 'lookup' | 'status'
type Replace = 'replaceFrom' | 'replaceTo'
type Routing = 'edits' | 'relay' | 'fork' | 'reply' | 'redirect'
type Answered = 'res' | 'responses' | 'canceled'
type Observes = 'log' | 'vars' | 'sql' | 'send' | 'lookup' | 'status'
type Request = Shared | Routing | Replace | 'drop' | 'registrar' | 'requestTo'

export type Cells = [
  None<Wrong<CallContext, Shared | 'edits'>>,
  None<Wrong<RequestContext, Request>>,
  None<Wrong<InDialogContext, Request | 'restoreFrom' | 'restoreTo'>>,
  None<Wrong<BranchContext, Shared | 'edits' | Replace | 'requestTo' | 'drop'>>,
  None<Wrong<ReplyContext, Shared | 'edits' | 'res' | 'resEdits' | 'drop'>>,
  None<Wrong<BranchFailureContext, Shared | 'edits' | 'res' | 'auth' | 'relay'>>,
  None<Wrong<FailureContext, Shared | Routing | Answered | 'auth' | Replace | 'requestTo'>>,
  None<Wrong<LocalContext, Shared | 'edits' | 'drop'>>,
  None<Wrong<EventContext, Observes>>,
  None<Wrong<UacReplyEvent, Observes | 'req' | 'res'>>,
  None<Wrong<UacRegistrationEvent, Observes>>,
  None<Wrong<LifecycleContext, Exclude<Observes, 'vars'> | 'signal' | 'data'>>,
  // @ts-expect-error -- the table can tell a cell too many
  None<Wrong<RequestContext, Request | 'auth'>>,
  // @ts-expect-error -- and one too few
  None<Wrong<RequestContext, Exclude<Request, 'log'>>>,
]
