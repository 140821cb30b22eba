/**
 * `node bench/save-to-call.mjs [SAVES]`: how long it takes from a save until a call is answered by the new routes, with `signalbox dev`. An
 * OPTIONS every few milliseconds asks; the first answer that says the new reason counts. Median, and the slowest of ten.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from './ports.mjs'
import { isUdpOpen, ready, start, stop } from './process.mjs'

const ASK_EVERY = 2
/** Between one answer and the next save: nobody saves faster. */
const PAUSE = 300

const saves = Number(process.argv[2] ?? 30)
const folder = mkdtempSync(join(tmpdir(), 'signalbox-save-'))
const [port, adminPort] = await freePorts(2)
const socket = createSocket('udp4').bind(0, '127.0.0.1')
await once(socket, 'listening')
const own = socket.address().port

function save(reason) {
  const text = `import { onRequest } from '@signalbox/dsl'\n\nonRequest(({ reply }) => reply(403, '${reason}'))\n`
  writeFileSync(join(folder, 'routes', 'main.ts'), text)
}

let asked = 0

function ask() {
  const id = `save-${asked++}`
  const request = [
    `OPTIONS sip:bob@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    'From: <sip:alice@127.0.0.1>;tag=1',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
  socket.send(request, port, '127.0.0.1')
}

/** Resolves with the time of the first answer that says so. */
async function answered(reason) {
  const asking = setInterval(ask, ASK_EVERY)
  try {
    for (;;) {
      const [bytes] = await once(socket, 'message')
      if (bytes.toString('latin1').startsWith(`SIP/2.0 403 ${reason}\r\n`)) return performance.now()
    }
  } finally {
    clearInterval(asking)
  }
}

function startDev() {
  const command = [process.execPath, join(import.meta.dirname, '../packages/cli/bin/signalbox.js'), 'dev', folder]
  const listen = { SIGNALBOX_LISTEN: `udp:127.0.0.1:${port}`, SIGNALBOX_ADMIN: `127.0.0.1:${adminPort}` }
  return start('dev', command, { core: 0, folder, env: { ...process.env, ...listen } })
}

mkdirSync(join(folder, 'routes'))
writeFileSync(
  join(folder, 'signalbox.config.ts'),
  `import { defineConfig } from '@signalbox/dsl'\nexport default defineConfig({})\n`,
)
save('Before')
const dev = startDev()
try {
  await ready(dev, () => isUdpOpen(port))
  await answered('Before')
  const times = []
  for (let i = 0; i < saves; i++) {
    await delay(PAUSE)
    const saved = performance.now()
    save(`Save ${i}`)
    times.push((await answered(`Save ${i}`)) - saved)
  }
  times.sort((a, b) => a - b)
  const at = (share) => Math.round(times[Math.floor(times.length * share)])
  console.log(`from save to the first call on new code: median ${at(0.5)} ms, nine of ten within ${at(0.9)} ms`)
} finally {
  socket.close()
  await stop(dev)
  rmSync(folder, { recursive: true })
}
