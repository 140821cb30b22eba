/** The RPC methods of trunks: Kamailio's names, positional arguments, fields and error codes, and `trunks.explain`. */
import { readRow } from '../trunks/columns.ts'
import { describeTrunk, type TrunkDescription } from '../trunks/describe.ts'
import { explainTrunk, type Explanation } from '../trunks/explain.ts'
import type { Registration } from '../trunks/registration.ts'
import type { Trunks } from '../trunks/trunks.ts'
import { RpcError, type RpcMethod } from './rpc.ts'

const PAUSED = 'uac.reg_active 0 lets no REGISTER leave: let them go on with uac.reg_active 1'

type Command = 'enable' | 'disable' | 'register' | 'unregister'

export function trunkMethods(trunks: Trunks): [string, RpcMethod][] {
  const command = (name: Command): RpcMethod => {
    return (params) => {
      const trunk = find(trunks, params)
      if (name === 'register' && trunks.pace.isPaused) throw new RpcError(500, `${trunk.row.l_uuid}: ${PAUSED}`)
      tell(trunk, name)
    }
  }
  return [
    ['uac.reg_dump', () => Array.from(trunks.all(), (trunk) => describe(trunks, trunk))],
    ['uac.reg_info', (params) => describe(trunks, find(trunks, params))],
    ['uac.reg_reload', () => reload(trunks)],
    ['uac.reg_refresh', (params) => refresh(trunks, uuidOf(params))],
    ['uac.reg_enable', command('enable')],
    ['uac.reg_disable', command('disable')],
    ['uac.reg_register', command('register')],
    ['uac.reg_unregister', command('unregister')],
    ['uac.reg_remove', (params) => remove(trunks, uuidOf(params))],
    ['uac.reg_add', (params) => add(trunks, params)],
    ['uac.reg_active', (params) => active(trunks, params)],
    ['trunks.explain', (params) => explain(trunks, existing(trunks, uuidOf(params)))],
  ]
}

function describe({ agenda, rowNames }: Trunks, trunk: Registration): TrunkDescription {
  return describeTrunk(trunk, agenda.now(), Date.now() / 1_000, rowNames.isDoubled(trunk.row.l_uuid))
}

function explain(trunks: Trunks, trunk: Registration): Explanation {
  const { size, isPaused } = trunks.pace
  const queue = { size, isPaused, rate: trunks.rate, rateNeeded: trunks.rateNeeded }
  return explainTrunk(describe(trunks, trunk), trunks.pace.has(trunk) ? queue : undefined)
}

/** What Kamailio looks records up by. The first that fits. */
const attributes = ['l_uuid', 'l_username', 'r_username', 'auth_username'] as const

function find(trunks: Trunks, params: readonly unknown[]): Registration {
  if (params.length < 2) throw new RpcError(400, `expected ATTR VALUE, ATTR one of ${attributes.join(', ')}`)
  const [attribute, value] = [textOf(params[0], 'ATTR'), textOf(params[1], 'VALUE')]
  const known = attributes.find((each) => each === attribute)
  if (known === undefined) throw new RpcError(400, `no attribute ${attribute}: there is ${attributes.join(', ')}`)
  const found = known === 'l_uuid' ? trunks.get(value) : first(trunks, known, value)
  if (found === undefined) throw new RpcError(404, `no trunk with ${attribute} ${value}`)
  return found
}

function first(trunks: Trunks, attribute: (typeof attributes)[number], value: string): Registration | undefined {
  for (const trunk of trunks.all()) if (trunk.row[attribute] === value) return trunk
  return undefined
}

function uuidOf(params: readonly unknown[]): string {
  if (params.length === 0) throw new RpcError(400, 'expected L_UUID')
  return textOf(params[0], 'L_UUID')
}

/** All digits come as a number. What is no text is not repeated: it may hold a password. */
function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new RpcError(400, `${name} is no text`)
}

function existing(trunks: Trunks, uuid: string): Registration {
  const trunk = trunks.get(uuid)
  if (trunk === undefined) throw new RpcError(404, `no trunk ${uuid}`)
  return trunk
}

function tell(trunk: Registration, command: Command): void {
  const refused = trunk.command(command)
  if (refused !== undefined) throw new RpcError(500, `${trunk.row.l_uuid}: ${refused}`)
}

/** Kamailio answers 500 when its table cannot be loaded. */
async function reload(trunks: Trunks): Promise<object> {
  try {
    return await trunks.reload()
  } catch (error) {
    throw new RpcError(500, `the table stays as it was: ${(error as Error).message}`)
  }
}

async function refresh(trunks: Trunks, uuid: string): Promise<void> {
  const found = await trunks.refresh(uuid).catch((error: Error) => {
    throw new RpcError(500, error.message)
  })
  if (found === undefined) throw new RpcError(404, `uacreg has no row ${uuid}`)
}

function remove(trunks: Trunks, uuid: string): void {
  if (!trunks.remove(uuid)) throw new RpcError(404, `no trunk ${uuid}`)
}

const added = [
  'l_uuid',
  'l_username',
  'l_domain',
  'r_username',
  'r_domain',
  'realm',
  'auth_username',
  'auth_password',
  'auth_ha1',
  'auth_proxy',
  'expires',
  'flags',
  'reg_delay',
  'socket',
  'contact_addr',
  'contact_user',
]

const numbers = new Set(['expires', 'flags', 'reg_delay'])

/** Only the newest column may be left out; `.` stands for nothing. */
function add(trunks: Trunks, params: readonly unknown[]): void {
  if (params.length < added.length - 1 || params.length > added.length) {
    throw new RpcError(400, `expected ${added.join(' ')} (a . where it is empty)`)
  }
  const text = params.map((value, index) => textOf(value, added[index]!)).map((value) => (value === '.' ? '' : value))
  const notNumber = added.findIndex((name, index) => numbers.has(name) && !/^-?\d+$/.test(String(params[index])))
  if (notNumber >= 0) throw new RpcError(400, `${added[notNumber]!} is no number: ${String(params[notNumber])}`)
  const row = readRow(Object.fromEntries(added.map((name, index) => [name, text[index] ?? ''])))
  const fault = trunks.fault(row)
  if (fault !== undefined) throw new RpcError(fault.includes('auth_') ? 500 : 400, fault)
  if (trunks.add(row) === undefined) throw new RpcError(409, `there is a trunk ${row.l_uuid}`)
}

/** 0 sends no REGISTER until 1; what is out goes on. */
function active({ pace }: Trunks, [mode]: readonly unknown[]): { omode: number; nmode: number } {
  if (String(mode) !== '0' && String(mode) !== '1') throw new RpcError(500, 'expected 0 or 1')
  const omode = pace.isPaused ? 0 : 1
  pace.isPaused = String(mode) === '0'
  return { omode, nmode: Number(mode) }
}
