/** The test kit: `simulate` for routing tests, and the phones and carriers it is made of. */
export { simulate, Simulation } from './simulate.ts'
export type { LogLine, ProxyUnderTest, SimulatedUac, SimulateOptions } from './simulate-options.ts'
export type { Net } from './net.ts'
export type { Impairment } from './impairment.ts'
export type { DatabaseStub, StubbedQuery } from './database-stub.ts'
export { answer, delayed, dropping, inTurn, reject, ringing, silent, type AnswerOptions } from './behaviours.ts'
export { forks } from './forking.ts'
export { challenge, type Challenger, type ChallengeOptions } from './challenge.ts'
export { registrar, type Binding, type Registrar, type RegistrarOptions } from './registrar.ts'
export { Uas, Incoming, type Behaviour } from './uas.ts'
export { Uac, Call, type InviteOptions } from './uac.ts'
export { Dialog, type Answer } from './dialog.ts'
export { uacOnUdp, uasOnUdp, type OnUdp } from './on-udp.ts'
export { ladder, summary, type LadderEvent } from './ladder.ts'
export type { Datagram, Filter } from './network.ts'
export type { ReachOptions, Said, SipMatchers } from './matchers.ts'

if (process.env.VITEST !== undefined) await import('./matchers.ts')
