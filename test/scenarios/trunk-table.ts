/** A simulation with the table `uacreg`, and rows for it. */
import { simulate, type Simulation, type SimulateOptions } from '@signalbox/core/testing'
import { emptyDatabase } from './database.ts'

export const REGISTRAR = '127.0.0.2:5060'

export interface TrunkOptions {
  uuid?: string
  username?: string
  localDomain?: string
  account?: string
  domain?: string
  realm?: string
  authUsername?: string
  password?: string
  ha1?: string
  proxy?: string
  expires?: number
  flags?: number
  delay?: number
  contactAddress?: string
  contactUser?: string
  socket?: string
}

export async function trunkNetwork(options: SimulateOptions = {}): Promise<Simulation> {
  const net = await withoutTable({ registration: { interval: 90 }, ...options })
  await net.createTables()
  return net
}

export async function withoutTable(options: SimulateOptions): Promise<Simulation> {
  return simulate({ routes: 'test/scenarios/routes/trunks.ts', ...(await emptyDatabase()), ...options })
}

export async function insert({ sql }: Pick<Simulation, 'sql'>, options: TrunkOptions = {}): Promise<void> {
  const {
    uuid = 'u1',
    username = 'alice',
    localDomain = '127.0.0.1',
    account = 'ralice',
    domain = '127.0.0.2',
  } = options
  const { realm = '', authUsername = account, password = 'secret', ha1 = '', proxy = `sip:${REGISTRAR}` } = options
  const { expires = 60, flags = 0, delay = 0, contactAddress = '', contactUser = '', socket = '' } = options
  await sql`insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain, realm, auth_username, auth_password, auth_ha1,
      auth_proxy, expires, flags, reg_delay, contact_addr, contact_user, socket)
    values (${uuid}, ${username}, ${localDomain}, ${account}, ${domain}, ${realm}, ${authUsername}, ${password}, ${ha1}, ${proxy},
      ${expires}, ${flags}, ${delay}, ${contactAddress}, ${contactUser}, ${socket})`
}

/** Asks the table anew, as `uac.reg_reload` does. */
export async function reload(net: Simulation): Promise<void> {
  await net.until(net.stack.trunks!.reload())
  await net.advance(0)
}
