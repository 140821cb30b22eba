/** A database that is a function. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { answer } from './behaviours.ts'
import type { DatabaseStub, StubbedQuery } from './database-stub.ts'
import { simulate, type Simulation } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'

import './matchers.ts'

let bundle: Bundle

beforeAll(async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(async ({ req, sql, registrar, relay, reply, log }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (req.ruri.user === 'phone') return (await registrar.lookup()) ? relay() : reply(404)
  try {
    const [row] = await sql<{ gateway: string }>\`
      select gateway
        from routes where prefix = \${req.ruri.user} and active = \${true}\`
    if (row === undefined) return reply(404)
    relay({ to: row.gateway })
  } catch (error) {
    log.warn(String(error))
    reply(503)
  }
})
`)
  bundle = temp.bundle
})

async function called(database: DatabaseStub): Promise<[number, Simulation]> {
  const net = await simulate({ bundle, database })
  net.uas('127.0.0.1:5090', answer(), 'gateway')
  return [(await net.uac().invite('sip:0049@127.0.0.1:5080')).status, net]
}

describe('a stub', () => {
  it('may be rows', async () => {
    expect((await called([{ gateway: 'sip:127.0.0.1:5090' }]))[0]).toBe(200)
    expect((await called([]))[0]).toBe(404)
  })

  it('may be a function of the statement, awaited or not', async () => {
    const asked: StubbedQuery[] = []
    const [status] = await called(async (query) => {
      asked.push(query)
      await Promise.resolve()
      return query.values[0] === '0049' ? [{ gateway: 'sip:127.0.0.1:5090' }] : []
    })
    expect(status).toBe(200)
    expect(asked).toEqual([{ text: 'select gateway from routes where prefix = ? and active = ?', values: ['0049', 1] }])
  })

  it('may refuse, as a database does: with a SignalboxError of the code DATABASE', async () => {
    const [status, net] = await called(() => {
      throw new Error('no such table: routes')
    })
    expect(status).toBe(503)
    expect(net.log.map(({ message }) => message)).toContain('SignalboxError: the database: no such table: routes')
  })

  it('takes as much virtual time as it is told to', async () => {
    const net = await simulate({ bundle, database: [{ gateway: 'sip:127.0.0.1:5090' }] })
    net.uas('127.0.0.1:5090', answer(), 'gateway')
    net.store.delay = '3s'
    const call = await net.uac().invite('sip:0049@127.0.0.1:5080')
    expect(call).toReach('gateway', { within: '3s' })
    expect(call).not.toReach('gateway', { within: '2s' })
  })

  it('is asked by the test too, and leaves registered phones to memory', async () => {
    const net = await simulate({ bundle, database: ({ text }) => [{ text }] })
    expect(await net.sql`select 1`).toEqual([{ text: 'select 1' }])
    net.uas('127.0.0.1:5091', answer())
    const headers = { Contact: '<sip:phone@127.0.0.1:5091>' }
    const to = 'sip:phone@127.0.0.1:5080'
    expect(await net.uac().send('REGISTER', 'sip:127.0.0.1:5080', { to, from: to, headers })).toBeAnsweredWith(200)
    expect(await net.uac().invite(to)).toBeAnsweredWith(200)
  })
})
