/** The four tables against the RFC's figures: what is not listed here is ignored, and that is checked too. */
import { describe, expect, it } from 'vitest'
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer, type Effect, type Machine } from './machines.ts'

const machines: Machine[] = [inviteClient, nonInviteClient, inviteServer, nonInviteServer]

/** Complete by its type. */
const effects: Record<Effect, true> = {
  resend: true,
  ack: true,
  pass: true,
  send: true,
  timeout: true,
  transportError: true,
  stopResending: true,
  startA: true,
  startB: true,
  startD: true,
  startE: true,
  startF: true,
  startG: true,
  startH: true,
  startI: true,
  startJ: true,
  startK: true,
  startL: true,
  startM: true,
  slowE: true,
}

/** `state + event → next: effects`, without what is ignored. */
function table({ begin, rules }: Machine): string[] {
  const lines = [`→ ${begin.to}: ${begin.effects.join(' ')}`.trimEnd()]
  for (const [state, events] of Object.entries(rules)) {
    for (const [event, rule] of Object.entries(events)) {
      if (rule.to === state && rule.effects.length === 0) continue
      lines.push(`${state} + ${event} → ${rule.to}: ${rule.effects.join(' ')}`.trimEnd())
    }
  }
  return lines
}

/** The lines of a drawn table, without its blanks. */
function drawn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().replace(/ +/g, ' ').replace(/ :/, ':'))
  return lines.filter((line) => line !== '').sort()
}

function successors(machine: Machine, state: string): string[] {
  return Object.values(machine.rules[state]!).map(({ to }) => to)
}

function reachableFrom(machine: Machine, start: string): Set<string> {
  const seen = new Set([start])
  for (const state of seen) for (const next of successors(machine, state)) seen.add(next)
  return seen
}

describe.each(machines.map((machine) => [machine.name, machine] as const))('%s', (_, machine) => {
  const states = Object.keys(machine.rules)

  it('reaches every state, and from each of them the end', () => {
    expect([...reachableFrom(machine, machine.begin.to)].sort()).toEqual([...states].sort())
    for (const state of states) expect(reachableFrom(machine, state), state).toContain('terminated')
  })

  it('answers the same events in every state', () => {
    const events = Object.keys(machine.rules[machine.begin.to]!).sort()
    for (const state of states) expect(Object.keys(machine.rules[state]!).sort(), state).toEqual(events)
  })

  it('ends for good: nothing happens in the terminated state', () => {
    for (const rule of Object.values(machine.rules['terminated']!))
      expect(rule).toEqual({ to: 'terminated', effects: [] })
  })

  it('knows only effects that have a name', () => {
    const used = states.flatMap((state) => Object.values(machine.rules[state]!).flatMap((rule) => rule.effects))
    for (const effect of [...used, ...machine.begin.effects]) expect(effects).toHaveProperty(effect)
  })

  it('starts a timer only where its firing means something', () => {
    const rules = [machine.begin, ...states.flatMap((state) => Object.values(machine.rules[state]!))]
    for (const { to, effects: started } of rules) {
      for (const effect of started) {
        const timer = /^start(.)$/.exec(effect)?.[1] ?? (effect === 'slowE' ? 'E' : undefined)
        if (timer === undefined) continue
        const rule = machine.rules[to]![`timer${timer}`]
        expect(rule, `timer ${timer} in ${to}`).toBeDefined()
        expect(rule!.to !== to || rule!.effects.length > 0, `timer ${timer} in ${to}`).toBe(true)
      }
    }
  })
})

describe('rules', () => {
  it('RFC 3261 §17.1.1 figure 5, RFC 6026 §8.4: INVITE client', () => {
    expect(table(inviteClient).sort()).toEqual(
      drawn(`
                                  → calling    : startA startB
        calling    + 1xx            → proceeding : stopResending pass
        calling    + 2xx            → accepted   : stopResending startM pass
        calling    + 300-699        → completed  : stopResending ack startD pass
        calling    + timerA         → calling    : resend startA
        calling    + timerB         → terminated : stopResending timeout
        calling    + abandon        → terminated : stopResending
        calling    + transportError → terminated : stopResending transportError
        proceeding + 1xx            → proceeding : pass
        proceeding + 2xx            → accepted   : startM pass
        proceeding + 300-699        → completed  : ack startD pass
        proceeding + abandon        → terminated:
        completed  + 300-699        → completed  : ack
        completed  + timerD         → terminated:
        completed  + transportError → terminated : transportError
        accepted   + 2xx            → accepted   : pass
        accepted   + timerM         → terminated:
      `),
    )
  })

  it('RFC 3261 §17.1.2 figure 6: non-INVITE client', () => {
    expect(table(nonInviteClient).sort()).toEqual(
      drawn(`
                                  → trying     : startE startF
        trying     + 1xx            → proceeding : pass
        trying     + 2xx            → completed  : stopResending startK pass
        trying     + 300-699        → completed  : stopResending startK pass
        trying     + timerE         → trying     : resend startE
        trying     + timerF         → terminated : stopResending timeout
        trying     + transportError → terminated : stopResending transportError
        proceeding + 1xx            → proceeding : pass
        proceeding + 2xx            → completed  : stopResending startK pass
        proceeding + 300-699        → completed  : stopResending startK pass
        proceeding + timerE         → proceeding : resend slowE
        proceeding + timerF         → terminated : stopResending timeout
        proceeding + transportError → terminated : stopResending transportError
        completed  + timerK         → terminated:
      `),
    )
  })

  it('RFC 3261 §17.2.1 figure 7, RFC 6026 §8.5: INVITE server', () => {
    expect(table(inviteServer).sort()).toEqual(
      drawn(`
                                  → proceeding:
        proceeding + request        → proceeding : resend
        proceeding + send1xx        → proceeding : send
        proceeding + send2xx        → accepted   : send startL
        proceeding + send300-699    → completed  : send startG startH
        proceeding + drop           → accepted   : startL
        proceeding + transportError → proceeding : transportError
        completed  + request        → completed  : resend
        completed  + ACK            → confirmed  : stopResending startI
        completed  + timerG         → completed  : resend startG
        completed  + timerH         → terminated : stopResending timeout
        completed  + transportError → terminated : stopResending transportError
        confirmed  + timerI         → terminated:
        accepted   + ACK            → accepted   : pass
        accepted   + send2xx        → accepted   : send
        accepted   + timerL         → terminated:
        accepted   + transportError → accepted   : transportError
      `),
    )
  })

  it('RFC 3261 §17.2.2 figure 8: non-INVITE server', () => {
    expect(table(nonInviteServer).sort()).toEqual(
      drawn(`
                                  → trying:
        trying     + send1xx        → proceeding : send
        trying     + send2xx        → completed  : send startJ
        trying     + send300-699    → completed  : send startJ
        trying     + drop           → completed  : startJ
        trying     + transportError → terminated : transportError
        proceeding + request        → proceeding : resend
        proceeding + send1xx        → proceeding : send
        proceeding + send2xx        → completed  : send startJ
        proceeding + send300-699    → completed  : send startJ
        proceeding + drop           → completed  : startJ
        proceeding + transportError → terminated : transportError
        completed  + request        → completed  : resend
        completed  + timerJ         → terminated:
        completed  + transportError → terminated : transportError
      `),
    )
  })
})
