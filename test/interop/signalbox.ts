/** The product as its users start it: a project of two files in a folder, and `signalbox start`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './child.ts'

const command = join(import.meta.dirname, '../../packages/cli/bin/signalbox.js')

/** Keys of the config; without `listen` it is 127.0.0.1 and the port. */
export type Config = Readonly<Record<string, unknown>>

/** How many workers there are where a test does not say. */
export const workers = Number(process.env['SIGNALBOX_WORKERS'] || 1)

export interface SignalboxOptions {
  /** The text of `routes/main.ts`. */
  routes: string
  config?: Config
  port: number
  adminPort: number
  /** An empty folder of its own. */
  folder: string
  /** What runs it somewhere else: the start of the command line. */
  within?: readonly string[]
}

export class Signalbox extends Child {
  readonly port: number
  readonly adminPort: number
  readonly #folder: string

  constructor({ routes, config = {}, port, adminPort, folder, within = [] }: SignalboxOptions) {
    writeProject(folder, routes, { listen: [`udp:127.0.0.1:${port}`], ...config })
    const env = { ...process.env, SIGNALBOX_ADMIN: `127.0.0.1:${adminPort}` }
    super('signalbox', [...within, process.execPath, command, 'start', folder], { cwd: folder, env })
    this.port = port
    this.adminPort = adminPort
    this.#folder = folder
  }

  /** Saves another text of `routes/main.ts`: nothing happens until it is reloaded. */
  save(routes: string): void {
    writeFileSync(join(this.#folder, 'routes', 'main.ts'), routes)
  }

  /** The status of `GET /health/ready`; 0 while nobody answers. */
  async readiness(): Promise<number> {
    try {
      return (await this.#get('/health/ready')).status
    } catch (error) {
      if (error instanceof TypeError) return 0
      throw error
    }
  }

  /** The body of `GET /health/ready`. */
  async health(): Promise<string> {
    return (await (await this.#get('/health/ready')).text()).trim()
  }

  /** One sample of `/metrics`, summed over its labels; 0 when it has none. */
  async metric(name: string): Promise<number> {
    const samples = (await this.metrics()).split('\n').filter((line) => new RegExp(`^${name}[{ ]`).test(line))
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  async metrics(): Promise<string> {
    return (await this.#get('/metrics')).text()
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`)
  }
}

/** A program of `programs/`, its carrier moved to a free port. */
export function program(name: string, carrierPort: number): string {
  const text = readFileSync(join(import.meta.dirname, 'programs', `${name}.ts`), 'utf8')
  return text.replaceAll('127.0.0.1:5090', `127.0.0.1:${carrierPort}`)
}

function writeProject(folder: string, routes: string, config: Config): void {
  const text = `import { defineConfig } from '@signalbox/dsl'\nexport default defineConfig(${JSON.stringify(config)})\n`
  mkdirSync(join(folder, 'routes'))
  writeFileSync(join(folder, 'signalbox.config.ts'), text)
  writeFileSync(join(folder, 'routes', 'main.ts'), routes)
}
