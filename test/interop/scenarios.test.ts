/** The scenarios of trunks and registrar once more, on a MariaDB instead of the embedded store: the very same tests. */
import { afterAll, beforeAll, describe } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { databases } from '../scenarios/database.ts'
import { Peers } from './peers.ts'

const peers = new Peers()
let admin: Store
let made = 0

beforeAll(async () => {
  const server = await peers.mariadb()
  admin = new Store(parseDatabaseAddress(server.url, '/')!, { info: () => undefined, warn: () => undefined })
  databases.open = async () => {
    const name = `kamailio_${++made}`
    await admin.database.query(`create database ${name}`, [])
    return server.url.replace(/kamailio$/, name)
  }
})

afterAll(async () => {
  await admin.close()
  await peers.close()
})

describe('registration', async () => void (await import('../scenarios/registration.test.ts')))
describe('trunk-table', async () => void (await import('../scenarios/trunk-table.test.ts')))
describe('trunk-withdrawal', async () => void (await import('../scenarios/trunk-withdrawal.test.ts')))
describe('trunk-rpc', async () => void (await import('../scenarios/trunk-rpc.test.ts')))
describe('trunk-routes', async () => void (await import('../scenarios/trunk-routes.test.ts')))
describe('trunk-day', async () => void (await import('../scenarios/trunk-day.test.ts')))
describe('registered-at-carrier', async () => void (await import('../scenarios/registered-at-carrier.test.ts')))
describe('registrar', async () => void (await import('../scenarios/registrar.test.ts')))
describe('registrar-restart', async () => void (await import('../scenarios/registrar-restart.test.ts')))
