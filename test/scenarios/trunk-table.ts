/** A simulation with the table `uacreg`, and rows for it. */
import { simulate, type Simulation, type SimulateOptions } from '@signalbox/core/testing'

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
  const net = await simulate({ routes: 'test/scenarios/routes/trunks.ts', registration: { interval: 90 }, ...options })
  await createTable(net)
  return net
}

/** Columns of version 6. */
export async function createTable({ sql }: Pick<Simulation, 'sql'>): Promise<void> {
  await sql`create table uacreg (id integer primary key autoincrement not null,
    l_uuid varchar(64) default '' not null, l_username varchar(64) default '' not null,
    l_domain varchar(64) default '' not null, r_username varchar(64) default '' not null,
    r_domain varchar(64) default '' not null, realm varchar(64) default '' not null,
    auth_username varchar(64) default '' not null, auth_password varchar(64) default '' not null,
    auth_ha1 varchar(128) default '' not null, auth_proxy varchar(255) default '' not null,
    expires int default 0 not null, flags int default 0 not null, reg_delay int default 0 not null,
    contact_addr varchar(255) default '' not null, contact_user varchar(255) default '' not null,
    socket varchar(128) default '' not null)`
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
