/**
 * `node bench/handover.mjs`: what a datagram costs in processor time that comes to one of several workers, in the two ways there are to bring it to its
 * owner: the kernel spreads and who has it hands it over, or one process receives all and deals out. Linux with koffi.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { main, Refusal } from '../scripts/run.mjs'
import { setup } from '../scripts/setup.mjs'
import { invite } from './micro-messages.mjs'
import { onPaper } from './handover-paper.mjs'

const usage = `Usage: node bench/handover.mjs [--rate N] [--seconds N] [--rounds N] [--work N] [--json]

  --rate N      datagrams per second and worker (10000)
  --seconds N   how long each is measured (1)
  --rounds N    how often; the cheapest round counts, which was disturbed least (3)
  --work N      µs of one worker per datagram, all told, for the table on paper (35: docs/performance.md, a call of 6 datagrams)`

const core = join(import.meta.dirname, '..', 'packages', 'core', 'dist')
const from = (path) => import(join(core, `${path}.js`))

/** Peers: the kernel spreads by them. */
const SOURCES = 32
const WORKERS = 2

/** Processes of each way, by role. */
const ways = {
  alone: ['alone'],
  keeps: ['keeps', 'keeps'],
  hands: ['hands', 'hands'],
  deals: ['served', 'served', 'deals'],
}

const titles = {
  alone: 'one worker: received and answered',
  keeps: `${WORKERS} workers, the port shared, the owner read, nothing handed over`,
  hands: `${WORKERS} workers, the kernel spreads, hand-over to the owner`,
  deals: `${WORKERS} workers, one receiver that deals out`,
}

async function bench({ rate, seconds, rounds, work, json }) {
  await setup({ services: false })
  const best = {}
  for (let round = 0; round < rounds; round++) {
    for (const way of Object.keys(ways)) {
      const result = await measure(way, rate * (way === 'alone' ? 1 : WORKERS), seconds)
      if (best[way] === undefined || result.total < best[way].total) best[way] = result
    }
  }
  const costs = { ...costsOf(best), owner: await readOwner() }
  const paper = onPaper(costs, work)
  if (json) console.log(JSON.stringify({ rate, measured: best, costs, work, paper }, undefined, 2))
  else print(best, costs, paper, work)
  return 0
}

async function measure(way, rate, seconds) {
  const { UdpSocket } = await from('transport/udp')
  const [port = 0] = await UdpSocket.probe([{ host: '127.0.0.1', port: 0 }])
  const inherited = way === 'deals' ? await openFile(port) : undefined
  const children = await Promise.all(
    ways[way].map((role, index) => start({ role, index, port, workers: WORKERS }, inherited?.fd)),
  )
  inherited?.close()
  const peers = children.map((child) => child.handOver)
  for (const child of children) child.send({ peers })
  const sources = await Promise.all(
    Array.from({ length: SOURCES }, () => UdpSocket.open({ host: '127.0.0.1', port: 0 }, () => undefined, fail)),
  )
  await load(sources, port, rate, 0.7)
  for (const child of children) child.send({ begin: true })
  const sent = await load(sources, port, rate, seconds)
  const reports = await Promise.all(children.map((child) => ask(child, { report: true })))
  for (const child of children) child.disconnect()
  await Promise.all([...sources.map((socket) => socket.close()), ...children.map((child) => once(child, 'exit'))])
  return summary(way, sent, reports)
}

function summary(way, sent, reports) {
  const sum = (list, key) => list.reduce((total, each) => total + each[key], 0)
  const answered = sum(reports, 'answered')
  const dealer = way === 'deals' ? reports.at(-1).cpu / answered : 0
  return {
    total: sum(reports, 'cpu') / answered,
    dealer,
    handed: sum(reports, 'handed') / sum(reports, 'received'),
    lost: 1 - answered / sent,
  }
}

/** At an even pace, each from the next source. Says how many. */
async function load(sources, port, rate, seconds) {
  const began = performance.now()
  let sent = 0
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - began) {
    const due = Math.min(Math.floor((elapsed * rate) / 1000), seconds * rate)
    for (; sent < due; sent++) sources[sent % SOURCES].send(invite(sent), '127.0.0.1', port)
    await delay(1)
  }
  // What is on its way arrives.
  await delay(150)
  return sent
}

const running = new Set()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

async function start(be, fd) {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', ...(fd === undefined ? [] : [fd])]
  const child = spawn(process.execPath, [join(import.meta.dirname, 'handover-role.mjs')], { stdio })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return Object.assign(child, { handOver: (await ask(child, { be })).port })
}

async function ask(child, question) {
  child.send(question)
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => fail(new Error(`a process of the benchmark ended with ${code}`))),
  ])
  return answer
}

/** A bound socket that nobody here reads from. */
async function openFile(port) {
  const [{ loadLibc, AF_INET, SOCK_DGRAM }, { SocketAddresses, NAME_WORDS }] = await Promise.all(
    ['transport/libc', 'transport/socket-address'].map(from),
  )
  const libc = await loadLibc()
  if (typeof libc === 'string') throw new Refusal(`The benchmark needs batched sockets: ${libc}`)
  const name = new Int32Array(NAME_WORDS)
  new SocketAddresses(libc, false).write('127.0.0.1', port, name, 0)
  const fd = libc.socket(AF_INET, SOCK_DGRAM, 0)
  if (libc.bind(fd, name, 16) !== 0) throw new Error(`bind: ${libc.errno()}`)
  return { fd, close: () => libc.close(fd) }
}

/** µs for an INVITE, without the noise of sockets. */
async function readOwner() {
  const { ownerOf } = await from('message/owner')
  const messages = Array.from({ length: 1_000 }, (_, i) => Buffer.from(invite(i), 'latin1'))
  let fastest = Infinity
  for (let round = 0; round < 50; round++) {
    const began = performance.now()
    for (const bytes of messages) ownerOf(bytes, WORKERS)
    fastest = Math.min(fastest, performance.now() - began)
  }
  return fastest
}

/** µs, as differences of what was measured. */
function costsOf({ alone, keeps, hands, deals }) {
  return {
    receive: alone.total,
    handOver: (hands.total - keeps.total) / hands.handed,
    dealer: deals.dealer,
    served: deals.total - deals.dealer,
  }
}

function print(best, costs, paper, work) {
  console.log('µs of CPU per datagram   handed over   lost')
  for (const [way, { total, dealer, handed, lost }] of Object.entries(best)) {
    const figures = `${fixed(total, 22)}   ${fixed(handed * 100, 9)} %   ${fixed(lost * 100, 4)} %`
    console.log(`${figures}   ${titles[way]}${dealer > 0 ? ` (${dealer.toFixed(2)} of it by the receiver)` : ''}`)
  }
  console.log(`\nthe owner: ${costs.owner.toFixed(2)} µs; a hand-over, both ends: ${costs.handOver.toFixed(2)} µs`)
  console.log(`\non paper, with ${work} µs per datagram in one worker:`)
  console.log('cores   spread: datagrams/s    of ideal   deal: datagrams/s    of ideal')
  for (const { cores, spread, deal } of paper) {
    const side = ({ rate, part }) => `${fixed(rate, 19, 0)}   ${fixed(part * 100, 7, 0)} %`
    console.log(`${fixed(cores, 5, 0)}   ${side(spread)} ${side(deal)}`)
  }
}

function fixed(number, width, digits = 2) {
  return number.toFixed(digits).padStart(width)
}

function fail(error) {
  throw error
}

function settings(args) {
  const text = { type: 'string' }
  const options = { rate: text, seconds: text, rounds: text, work: text, json: { type: 'boolean' } }
  try {
    const { rate = 10_000, seconds = 1, rounds = 3, work = 35, json } = parseArgs({ args, options }).values
    const numbers = { rate: Number(rate), seconds: Number(seconds), rounds: Number(rounds), work: Number(work) }
    if (Object.values(numbers).every((value) => value > 0)) return { ...numbers, json }
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS')) throw error
  }
  throw new Refusal(usage)
}

await main(() => bench(settings(process.argv.slice(2))))
