/** A project below the folder that everything is installed in, taken through what its README says. */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { answer, uacOnUdp, uasOnUdp, type Behaviour, type Uac, type Uas } from '@signalbox/core/testing'
import { expect, inject, onTestFinished } from 'vitest'
import { freeUdpPort } from '../interop/ports.ts'
import { run, start } from './run.ts'

const { folder } = inject('installed')
const bin = (name: string) => path.join(folder, 'node_modules', '.bin', name)

export interface Project {
  dir: string
  /** `npm run SCRIPT`; resolves with what it wrote, and fails the test unless it went well. */
  npm(script: string): Promise<string>
}

/** By `npm create signalbox` or `signalbox new`. */
export async function made(by: 'create-signalbox' | 'signalbox', template: string): Promise<Project> {
  const args = by === 'signalbox' ? ['new', template] : [template]
  const { code, stdout, stderr } = await run(bin(by), [...args, '--template', template], { cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`\n  cd ${template}\n  npm install\n`)
  const dir = path.join(folder, template)
  return { dir, npm: (script) => scriptIn(dir, script) }
}

async function scriptIn(cwd: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await run('npm', ['run', script, '--silent'], { cwd })
  expect(code, stdout + stderr).toBe(0)
  return stdout
}

/** What is around a project that runs: a phone that calls, and whoever it relays or sends to. */
export interface Site {
  phone: Uac
  peer: Uas
  /** `host:port` of the project. */
  proxy: string
}

/** Starts the project and ends it with SIGTERM. `at` is the address that its routes send to: it moves to a port of our own, as the README says. */
export async function running(
  { dir }: Project,
  { at, behaviour = answer() }: { at: string; behaviour?: Behaviour },
  call: (site: Site) => Promise<void>,
): Promise<void> {
  const address = `127.0.0.1:${await freeUdpPort()}`
  await edit(path.join(dir, 'routes/main.ts'), (text) => text.replaceAll(at, address))
  const env = { SIGNALBOX_LISTEN: 'udp:127.0.0.1:0', SIGNALBOX_ADMIN: '127.0.0.1:0' }
  const process = start(bin('signalbox'), ['start'], { cwd: dir, env })
  onTestFinished(() => process.kill('SIGKILL'))
  const [, proxy] = await process.says(/listening on udp:([\d.]+:\d+)/)
  const peer = await uasOnUdp(address, behaviour)
  const phone = await uacOnUdp(`127.0.0.1:${await freeUdpPort()}`, proxy!)
  try {
    await call({ phone: phone.agent, peer: peer.agent, proxy: proxy! })
  } finally {
    process.kill('SIGTERM')
    expect((await process.ended).code).toBe(0)
    await Promise.all([phone.close(), peer.close()])
  }
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}
