/**
 * The four transaction machines as data: state × event → next state and effects, in the order they happen. The figures are those of
 * RFC 3261 §17 (5, 6, 7, 8) as RFC 6026 corrected the INVITE ones. `ignore` is a decision, written out. Nothing here acts:
 * `layer.ts` turns the words into bytes and timers.
 */

export type Effect =
  | 'resend' // the last message once more, as it was
  | 'ack' // the ACK to a negative final response
  | 'pass' // the message goes to the transaction user
  | 'send' // the transaction user's response goes out
  | 'timeout' // the transaction user hears that nobody answered
  | 'transportError' // the transaction user hears that sending failed
  | 'stopResending'
  | 'startA'
  | 'startB'
  | 'startD'
  | 'startE'
  | 'startF'
  | 'startG'
  | 'startH'
  | 'startI'
  | 'startJ'
  | 'startK'
  | 'startL'
  | 'startM'
  | 'slowE' // timer E again, at T2

export interface Rule<State extends string = string> {
  readonly to: State
  readonly effects: readonly Effect[]
}

export type Machine<State extends string = string, Event extends string = string> = {
  readonly name: string
  /** Effects of being created. */
  readonly begin: Rule<State>
  readonly rules: { readonly [S in State]: { readonly [E in Event]: Rule<State> } }
}

function go<State extends string>(to: State, ...effects: Effect[]): Rule<State> {
  return { to, effects }
}

export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated'
export type InviteClientEvent =
  '1xx' | '2xx' | '300-699' | 'timerA' | 'timerB' | 'timerD' | 'timerM' | 'abandon' | 'transportError'

const end = go('terminated')

/** RFC 3261 §17.1.1, figure 5; RFC 6026 §8.4. */
export const inviteClient: Machine<InviteClientState, InviteClientEvent> = {
  name: 'INVITE client',
  begin: go('calling', 'startA', 'startB'),
  rules: {
    calling: {
      '1xx': go('proceeding', 'stopResending', 'pass'),
      '2xx': go('accepted', 'stopResending', 'startM', 'pass'),
      '300-699': go('completed', 'stopResending', 'ack', 'startD', 'pass'),
      timerA: go('calling', 'resend', 'startA'),
      timerB: go('terminated', 'stopResending', 'timeout'),
      timerD: go('calling'),
      timerM: go('calling'),
      abandon: go('terminated', 'stopResending'),
      transportError: go('terminated', 'stopResending', 'transportError'),
    },
    proceeding: {
      '1xx': go('proceeding', 'pass'),
      '2xx': go('accepted', 'startM', 'pass'),
      '300-699': go('completed', 'ack', 'startD', 'pass'),
      timerA: go('proceeding'),
      // Timer B bounds the calling state only; what follows is the user's timer C.
      timerB: go('proceeding'),
      timerD: go('proceeding'),
      timerM: go('proceeding'),
      // RFC 3261 §9.1: cancelled, and no final answer within 64 × T1.
      abandon: end,
      transportError: go('proceeding'),
    },
    completed: {
      '1xx': go('completed'),
      '2xx': go('completed'),
      '300-699': go('completed', 'ack'),
      timerA: go('completed'),
      timerB: go('completed'),
      timerD: end,
      timerM: go('completed'),
      abandon: go('completed'),
      transportError: go('terminated', 'transportError'),
    },
    accepted: {
      '1xx': go('accepted'),
      '2xx': go('accepted', 'pass'),
      '300-699': go('accepted'),
      timerA: go('accepted'),
      timerB: go('accepted'),
      timerD: go('accepted'),
      timerM: end,
      abandon: go('accepted'),
      transportError: go('accepted'),
    },
    terminated: {
      '1xx': end,
      '2xx': end,
      '300-699': end,
      timerA: end,
      timerB: end,
      timerD: end,
      timerM: end,
      abandon: end,
      transportError: end,
    },
  },
}

export type ClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type ClientEvent = '1xx' | '2xx' | '300-699' | 'timerE' | 'timerF' | 'timerK' | 'transportError'

/** RFC 3261 §17.1.2, figure 6. */
export const nonInviteClient: Machine<ClientState, ClientEvent> = {
  name: 'non-INVITE client',
  begin: go('trying', 'startE', 'startF'),
  rules: {
    trying: {
      '1xx': go('proceeding', 'pass'),
      '2xx': go('completed', 'stopResending', 'startK', 'pass'),
      '300-699': go('completed', 'stopResending', 'startK', 'pass'),
      timerE: go('trying', 'resend', 'startE'),
      timerF: go('terminated', 'stopResending', 'timeout'),
      timerK: go('trying'),
      transportError: go('terminated', 'stopResending', 'transportError'),
    },
    proceeding: {
      '1xx': go('proceeding', 'pass'),
      '2xx': go('completed', 'stopResending', 'startK', 'pass'),
      '300-699': go('completed', 'stopResending', 'startK', 'pass'),
      timerE: go('proceeding', 'resend', 'slowE'),
      timerF: go('terminated', 'stopResending', 'timeout'),
      timerK: go('proceeding'),
      transportError: go('terminated', 'stopResending', 'transportError'),
    },
    completed: {
      '1xx': go('completed'),
      '2xx': go('completed'),
      '300-699': go('completed'),
      timerE: go('completed'),
      timerF: go('completed'),
      timerK: end,
      transportError: go('completed'),
    },
    terminated: {
      '1xx': end,
      '2xx': end,
      '300-699': end,
      timerE: end,
      timerF: end,
      timerK: end,
      transportError: end,
    },
  },
}

export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'
export type InviteServerEvent =
  | 'request'
  | 'ACK'
  | 'send1xx'
  | 'send2xx'
  | 'send300-699'
  | 'drop'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError'

/** RFC 3261 §17.2.1, figure 7; RFC 6026 §8.5. */
export const inviteServer: Machine<InviteServerState, InviteServerEvent> = {
  name: 'INVITE server',
  begin: go('proceeding'),
  rules: {
    proceeding: {
      request: go('proceeding', 'resend'),
      ACK: go('proceeding'),
      send1xx: go('proceeding', 'send'),
      send2xx: go('accepted', 'send', 'startL'),
      'send300-699': go('completed', 'send', 'startG', 'startH'),
      // The user will not answer: retransmissions are absorbed as after a 2xx.
      drop: go('accepted', 'startL'),
      timerG: go('proceeding'),
      timerH: go('proceeding'),
      timerI: go('proceeding'),
      timerL: go('proceeding'),
      transportError: go('proceeding', 'transportError'),
    },
    completed: {
      request: go('completed', 'resend'),
      ACK: go('confirmed', 'stopResending', 'startI'),
      send1xx: go('completed'),
      send2xx: go('completed'),
      'send300-699': go('completed'),
      drop: go('completed'),
      timerG: go('completed', 'resend', 'startG'),
      timerH: go('terminated', 'stopResending', 'timeout'),
      timerI: go('completed'),
      timerL: go('completed'),
      transportError: go('terminated', 'stopResending', 'transportError'),
    },
    confirmed: {
      request: go('confirmed'),
      ACK: go('confirmed'),
      send1xx: go('confirmed'),
      send2xx: go('confirmed'),
      'send300-699': go('confirmed'),
      drop: go('confirmed'),
      timerG: go('confirmed'),
      timerH: go('confirmed'),
      timerI: end,
      timerL: go('confirmed'),
      transportError: go('confirmed'),
    },
    accepted: {
      // RFC 6026 §7.1: retransmissions of the INVITE are absorbed; the 2xx is repeated by whoever made it.
      request: go('accepted'),
      ACK: go('accepted', 'pass'),
      send1xx: go('accepted'),
      send2xx: go('accepted', 'send'),
      'send300-699': go('accepted'),
      drop: go('accepted'),
      timerG: go('accepted'),
      timerH: go('accepted'),
      timerI: go('accepted'),
      timerL: end,
      transportError: go('accepted', 'transportError'),
    },
    terminated: {
      request: end,
      ACK: end,
      send1xx: end,
      send2xx: end,
      'send300-699': end,
      drop: end,
      timerG: end,
      timerH: end,
      timerI: end,
      timerL: end,
      transportError: end,
    },
  },
}

export type ServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'
export type ServerEvent = 'request' | 'send1xx' | 'send2xx' | 'send300-699' | 'drop' | 'timerJ' | 'transportError'

/** RFC 3261 §17.2.2, figure 8. */
export const nonInviteServer: Machine<ServerState, ServerEvent> = {
  name: 'non-INVITE server',
  begin: go('trying'),
  rules: {
    trying: {
      request: go('trying'),
      send1xx: go('proceeding', 'send'),
      send2xx: go('completed', 'send', 'startJ'),
      'send300-699': go('completed', 'send', 'startJ'),
      drop: go('completed', 'startJ'),
      timerJ: go('trying'),
      transportError: go('terminated', 'transportError'),
    },
    proceeding: {
      request: go('proceeding', 'resend'),
      send1xx: go('proceeding', 'send'),
      send2xx: go('completed', 'send', 'startJ'),
      'send300-699': go('completed', 'send', 'startJ'),
      drop: go('completed', 'startJ'),
      timerJ: go('proceeding'),
      transportError: go('terminated', 'transportError'),
    },
    completed: {
      request: go('completed', 'resend'),
      send1xx: go('completed'),
      send2xx: go('completed'),
      'send300-699': go('completed'),
      drop: go('completed'),
      timerJ: end,
      transportError: go('terminated', 'transportError'),
    },
    terminated: {
      request: end,
      send1xx: end,
      send2xx: end,
      'send300-699': end,
      drop: end,
      timerJ: end,
      transportError: end,
    },
  },
}
