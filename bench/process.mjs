/**
 * Programs of the benchmark: pinned to a core, writing to a file so that nobody spends time reading along, and what the
 * kernel has charged them so far. Linux only: /proc and taskset.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** /proc counts CPU time in ticks of 10 ms on every Linux that Node runs on (USER_HZ). */
const TICK_US = 10_000

export const PROXY_CORE = 0

/** Where everything runs that is not the proxy. */
export const LOAD_CORE = 1

const running = new Set()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

/** Starts a program on one core; its output goes to `folder/NAME.log`. */
export function start(name, command, { core, folder, env = process.env }) {
  const log = join(folder, `${name}.log`)
  const output = openSync(log, 'w')
  const child = spawn('taskset', ['-c', String(core), ...command], {
    cwd: folder,
    env,
    stdio: ['ignore', output, output],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return Object.assign(child, { log })
}

/** Polls until `ask` says yes; a program that ended in the meantime is an error with its output. */
export async function ready(child, ask) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(20)) {
    if (child.exitCode !== null) break
    if (await ask()) return child
  }
  throw new Error(`${child.spawnargs.join(' ')} did not become ready:\n${readFileSync(child.log, 'utf8').slice(-2000)}`)
}

export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  child.kill(signal)
  await once(child, 'exit')
  clearTimeout(late)
}

export function isUdpOpen(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = readFileSync('/proc/net/udp', 'latin1').split('\n').slice(1)
  return sockets.some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix))
}

/** CPU time, user and system, of a process and all its descendants, in microseconds. */
export function cpuTime(pid) {
  return sum(tree(pid), ({ ticks }) => ticks) * TICK_US
}

/**
 * What a core was used for by anybody, and what the machine below took of it, in microseconds. Without interrupts: they are charged to no process, and those
 * of loopback are the proxy's own traffic.
 */
export function coreTime(core) {
  const [, user, nice, system, , , , , steal] = new RegExp(`^cpu${core} .*$`, 'm')
    .exec(readFileSync('/proc/stat', 'latin1'))[0]
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + steal) * TICK_US
}

/** Resident memory of the same processes, in MB; what they share counts once for each, so it is an upper bound. */
export function residentMemory(pid) {
  const kilobytes = sum(tree(pid), (one) => Number(/^VmRSS:\s+(\d+)/m.exec(readProc(one.pid, 'status'))?.[1] ?? 0))
  return Math.round(kilobytes / 1024)
}

function tree(root) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processStat)
    .filter(Boolean)
  const members = all.filter(({ pid }) => pid === root)
  for (const member of members) members.push(...all.filter(({ parent }) => parent === member.pid))
  return members
}

/** The fields after the program's name, which may itself contain spaces and brackets. */
function processStat(pid) {
  const stat = readProc(pid, 'stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === ''
    ? undefined
    : { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
}

/** A process may end while we look at it. */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return ''
    throw error
  }
}

function sum(items, value) {
  return items.reduce((total, item) => total + value(item), 0)
}
