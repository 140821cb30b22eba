/**
 * A trunk's life as data: state × event → next state and effects, in the order they happen. Nothing here acts: `registration.ts` turns the words
 * into REGISTERs and timers. A trunk that is registered stays so while a refresh fails, until its binding really lapses.
 */

export const trunkStates = [
  'idle', // waits for its delay or its turn, or is not to be registered
  'registering', // a REGISTER is out, and nothing is bound
  'registered',
  'refreshing', // a REGISTER is out, and what was bound still is
  'failed', // waits to try again
  'disabled', // waits for somebody
  'unregistering',
] as const

export type TrunkState = (typeof trunkStates)[number]

export const trunkEvents = [
  'timer', // the time has come for the next REGISTER
  'slot', // its turn in the pace
  'granted', // a 200 with our binding
  'failed', // any other end of a REGISTER
  'refused', // the same, and it is not to be tried again
  'withdrawn', // a 200 to the REGISTER that withdraws
  'notWithdrawn', // any other end of that one
  'lapse', // the binding has expired
  'enable',
  'disable',
  'register', // now
  'unregister',
] as const

export type TrunkEvent = (typeof trunkEvents)[number]

export type TrunkEffect =
  | 'queue' // asks for a turn in the pace
  | 'rest' // no timer, no turn
  | 'send' // REGISTER
  | 'withdraw' // REGISTER with Expires: 0
  | 'bind' // notes how long the binding lasts
  | 'unbind'
  | 'startRefresh'
  | 'startRetry'

export interface TrunkRule {
  readonly to: TrunkState
  readonly effects: readonly TrunkEffect[]
}

function go(to: TrunkState, ...effects: TrunkEffect[]): TrunkRule {
  return { to, effects }
}

export const trunkMachine: { readonly [S in TrunkState]: { readonly [E in TrunkEvent]: TrunkRule } } = {
  idle: {
    timer: go('idle', 'queue'),
    slot: go('registering', 'send'),
    // Of a REGISTER that was out when it was enabled anew: the next one is asked for already.
    granted: go('idle', 'bind'),
    failed: go('idle'),
    refused: go('idle'),
    withdrawn: go('idle', 'unbind'),
    notWithdrawn: go('idle'),
    lapse: go('idle', 'unbind'),
    enable: go('idle'),
    disable: go('disabled', 'rest'),
    register: go('idle', 'rest', 'queue'),
    unregister: go('unregistering', 'rest', 'queue'),
  },
  registering: {
    timer: go('registering'),
    slot: go('registering'),
    granted: go('registered', 'bind', 'startRefresh'),
    failed: go('failed', 'startRetry'),
    refused: go('disabled', 'rest'),
    withdrawn: go('registering', 'unbind'),
    notWithdrawn: go('registering'),
    lapse: go('registering', 'unbind'),
    enable: go('registering'),
    disable: go('disabled', 'rest'),
    // One is out.
    register: go('registering'),
    unregister: go('unregistering', 'rest', 'queue'),
  },
  registered: {
    timer: go('registered', 'queue'),
    slot: go('refreshing', 'send'),
    granted: go('registered'),
    failed: go('registered'),
    refused: go('registered'),
    withdrawn: go('registered'),
    notWithdrawn: go('registered'),
    // What tries to refresh it goes on, by timer or turn.
    lapse: go('failed', 'unbind'),
    enable: go('registered'),
    disable: go('disabled', 'rest'),
    register: go('registered', 'rest', 'queue'),
    unregister: go('unregistering', 'rest', 'queue'),
  },
  refreshing: {
    timer: go('refreshing'),
    slot: go('refreshing'),
    granted: go('registered', 'bind', 'startRefresh'),
    failed: go('registered', 'startRetry'),
    refused: go('disabled', 'rest'),
    withdrawn: go('refreshing'),
    notWithdrawn: go('refreshing'),
    lapse: go('registering', 'unbind'),
    enable: go('refreshing'),
    disable: go('disabled', 'rest'),
    register: go('refreshing'),
    unregister: go('unregistering', 'rest', 'queue'),
  },
  failed: {
    timer: go('failed', 'queue'),
    slot: go('registering', 'send'),
    granted: go('failed'),
    failed: go('failed'),
    refused: go('failed'),
    withdrawn: go('failed'),
    notWithdrawn: go('failed'),
    lapse: go('failed', 'unbind'),
    enable: go('failed', 'rest', 'queue'),
    disable: go('disabled', 'rest'),
    register: go('failed', 'rest', 'queue'),
    unregister: go('unregistering', 'rest', 'queue'),
  },
  disabled: {
    timer: go('disabled'),
    slot: go('disabled'),
    // It was out when the trunk was disabled: the registrar has it all the same.
    granted: go('disabled', 'bind'),
    failed: go('disabled'),
    refused: go('disabled'),
    withdrawn: go('disabled', 'unbind'),
    notWithdrawn: go('disabled'),
    lapse: go('disabled', 'unbind'),
    enable: go('idle', 'queue'),
    disable: go('disabled'),
    register: go('idle', 'queue'),
    unregister: go('unregistering', 'queue'),
  },
  unregistering: {
    timer: go('unregistering'),
    slot: go('unregistering', 'withdraw'),
    // The REGISTER that was out before.
    granted: go('unregistering', 'bind'),
    failed: go('unregistering'),
    refused: go('unregistering'),
    withdrawn: go('disabled', 'unbind', 'rest'),
    // What is bound lapses by itself.
    notWithdrawn: go('disabled', 'rest'),
    lapse: go('unregistering', 'unbind'),
    enable: go('idle', 'rest', 'queue'),
    disable: go('disabled', 'rest'),
    register: go('idle', 'rest', 'queue'),
    unregister: go('unregistering'),
  },
}
