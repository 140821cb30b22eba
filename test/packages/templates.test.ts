/** Every other template, as whoever installs the packages gets it. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { challenge, type Behaviour } from '@signalbox/core/testing'
import { expect, inject, test } from 'vitest'
import { made, running, type Site } from './project.ts'
import { run } from './run.ts'

const { folder } = inject('installed')

interface Template {
  /** Where its routes send to. */
  at: string
  behaviour?: Behaviour
  call(site: Site): Promise<void>
}

const templates: Record<string, Template> = {
  'anonymous-trunk': {
    at: '127.0.0.1:5090',
    async call({ phone, peer, proxy }) {
      expect(await phone.invite(`sip:bob@${proxy}`)).toBeAnsweredWith(200)
      expect(peer.requests('INVITE').map((request) => request.toWire())).toEqual([
        expect.stringContaining('\r\nFrom: Anonymous <sip:anonymous@anonymous.invalid>;'),
      ])
    },
  },
  'emergency-notify': {
    at: '127.0.0.1:5091',
    async call({ phone, peer, proxy }) {
      const call = await phone.invite(`sip:112@${proxy}`)
      expect(call).toBeAnsweredWith(200)
      expect((await call.bye()).status).toBe(200)
      await expect.poll(() => peer.requests('MESSAGE').length).toBe(1)
      expect(await phone.invite(`sip:bob@${proxy}`)).toBeAnsweredWith(404)
    },
  },
  'trunk-auth': {
    at: '127.0.0.1:5090',
    behaviour: challenge({ realm: 'carrier.example', username: 'test', password: 'test' }),
    async call({ phone, peer, proxy }) {
      const call = await phone.invite(`sip:bob@${proxy}`)
      expect(call).toBeAnsweredWith(200)
      expect((await call.bye()).status).toBe(200)
      expect(peer.requests('INVITE').map(({ cseq }) => cseq)).toHaveLength(2)
    },
  },
  'trunk-registration': {
    at: 'it has no address: its trunks are in its database',
    async call({ phone, proxy }) {
      const desk = {
        from: `sip:desk@${proxy}`,
        to: `sip:desk@${proxy}`,
        headers: { Contact: '<sip:desk@127.0.0.1:5099>' },
      }
      expect((await phone.send('REGISTER', `sip:${proxy}`, desk)).status).toBe(200)
      expect(await phone.invite(`sip:4940123@${proxy}`)).toBeAnsweredWith(403)
    },
  },
}

test('there are no others, but for hello', async () => {
  const packed = await readdir(path.join(folder, 'node_modules/@signalbox/cli/templates'))
  expect(packed.toSorted()).toEqual([...Object.keys(templates), 'hello'].toSorted())
})

test.each(Object.entries(templates))(
  '%s: made, checked, built, tested, started, called',
  { timeout: 120_000 },
  async (name, { at, behaviour, call }) => {
    const project = await made('signalbox', name)
    expect(await project.npm('test')).toMatch(/Tests +\d+ passed \(\d+\)/)
    expect(await project.npm('check')).toBe('ok nothing found\n')
    await project.npm('build')
    const signalbox = path.join(folder, 'node_modules/.bin/signalbox')
    if (name === 'trunk-registration')
      expect(await run(signalbox, ['db', 'init'], { cwd: project.dir })).toMatchObject({ code: 0 })
    await running(project, { at, ...(behaviour && { behaviour }) }, call)
  },
)
