/**
 * MariaDB as Debian brings it, but not its service: a data folder, a socket and a port of the test's. It can be killed and started again, with
 * what was in its tables.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './child.ts'
import { freeTcpPort } from './ports.ts'

const USER = 'kamailio'
/** With what a URL would have escaped. */
const PASSWORD = 'p@ss:w/ord#1'

/** Small, and with the characters that Debian's own config chooses. */
const settings = [
  '--skip-log-bin',
  '--innodb-buffer-pool-size=16M',
  '--skip-name-resolve',
  '--character-set-server=utf8mb4',
]

export class MariaDb {
  readonly port: number
  readonly #folder: string
  readonly #children: Child[]
  #server: Child | undefined

  private constructor(folder: string, port: number, children: Child[]) {
    this.#folder = folder
    this.port = port
    this.#children = children
  }

  /** In an empty folder; whatever is started is put into `children`. */
  static async start(folder: string, children: Child[]): Promise<MariaDb> {
    const server = new MariaDb(folder, await freeTcpPort(), children)
    await server.#install()
    await server.start()
    return server
  }

  /** What goes into the config. */
  get url(): string {
    return `mysql://${USER}:${PASSWORD}@127.0.0.1:${this.port}/kamailio`
  }

  get socketUrl(): string {
    return `mysql://${USER}:${PASSWORD}@localhost/kamailio?socket=${this.#path('socket')}`
  }

  get password(): string {
    return PASSWORD
  }

  async start(): Promise<void> {
    rmSync(this.#path('pid'), { force: true })
    const files = [
      `--socket=${this.#path('socket')}`,
      `--pid-file=${this.#path('pid')}`,
      `--init-file=${this.#path('init.sql')}`,
    ]
    const server = this.#run('mariadbd', [...files, `--port=${this.port}`, '--bind-address=127.0.0.1', ...settings])
    this.#server = await server.ready(() => server.output.includes('ready for connections'))
  }

  /** At once, as a machine that is switched off. */
  async kill(): Promise<void> {
    this.#server?.kill()
    await this.#server?.exited
  }

  async #install(): Promise<void> {
    mkdirSync(this.#path('data'))
    writeFileSync(
      this.#path('init.sql'),
      `create database if not exists kamailio;
create user if not exists '${USER}'@'%' identified by '${PASSWORD}';
create user if not exists '${USER}'@'localhost' identified by '${PASSWORD}';
grant all on \`kamailio%\`.* to '${USER}'@'%';
grant all on \`kamailio%\`.* to '${USER}'@'localhost';
`,
    )
    const install = this.#run('mariadb-install-db', ['--auth-root-authentication-method=normal', '--skip-test-db'])
    if ((await install.exited) !== 0) throw new Error(`mariadb-install-db failed:\n${install.output}`)
  }

  #run(program: string, args: readonly string[]): Child {
    // It refuses to run as root unless that is said.
    const user = process.getuid?.() === 0 ? ['--user=root'] : []
    const command = [program, '--no-defaults', `--datadir=${this.#path('data')}`, ...user, ...args]
    const child = new Child(program, command, { cwd: this.#folder, env: { ...process.env, PATH: searchPath() } })
    this.#children.push(child)
    return child
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

/** Debian's daemons live in sbin, which a user's PATH may lack. */
function searchPath(): string {
  return `${process.env.PATH ?? ''}:/usr/sbin`
}
