/**
 * A look at what the main thread does, from another one, through the inspector: its stack, and the end of what it runs. Nothing of this is on when
 * nobody loops.
 */
import { Session, type Debugger, type Runtime } from 'node:inspector'
import { CLAIM } from './protocol.ts'

type Frame = Debugger.CallFrame

/** Bundles of routes. */
const USERS = /^signalbox-generation-\d+\.cjs$/
/** The function through which the core enters them last in a turn: nothing under it minds being cut off. */
const ENTRY = 'enterUserCode'

/** Milliseconds for one answer of the main thread. */
const PATIENCE = 1_000
/** How often a look steps on in search of the user's code. */
const STEPS = 20

export class Look {
  readonly #session = new Session()
  /** Script id → url: frames do not say it. */
  readonly #urls = new Map<string, string>()
  #frames: readonly Frame[] = []
  #paused: (frames: readonly Frame[] | undefined) => void = () => undefined

  /** Throws where there is no inspector. */
  constructor() {
    this.#session.connectToMainThread()
    this.#session.on('Debugger.scriptParsed', ({ params }) => void this.#urls.set(params.scriptId, params.url))
    this.#session.on('Debugger.paused', ({ params }) => this.#paused(params.callFrames))
  }

  /** Halts the main thread within the user's code. False when it is not there. */
  async findUsersCode(): Promise<boolean> {
    await this.#post('Debugger.enable')
    if (!(await this.#halt('Debugger.pause'))) return false
    for (let i = 0; i < STEPS && !this.#hasUsersCode; i++) if (!(await this.#halt('Debugger.stepInto'))) return false
    if (!this.#hasUsersCode) return false
    // What it has called in the core comes to its end first: that must not be cut off.
    while (!this.#isUsers(this.#frames[0]!)) if (!(await this.#halt('Debugger.stepOut'))) return false
    return true
  }

  /** Whether what runs can be cut off: nothing below it has work half done. Called while halted. */
  get isSafe(): boolean {
    const first = this.#frames.findLastIndex((frame) => this.#isUsers(frame))
    const below = this.#frames.slice(first + 1)
    if (below[0]?.functionName === 'listOnTimeout' || below[0]?.functionName === 'processImmediate') return false
    const core = below.findIndex((frame) => !this.#urlOf(frame).startsWith('node:'))
    const entry = below.findIndex(({ functionName }) => functionName === ENTRY)
    return core < 0 || entry >= 0
  }

  /** The lines of the user's code, as `Error.stack` has them. Called while halted. */
  get stack(): string {
    const lines = this.#frames
      .filter((frame) => this.#isUsers(frame))
      .map((frame) => {
        const { lineNumber, columnNumber = 0 } = frame.location
        return `    at ${frame.functionName || '<anonymous>'} (${this.#urlOf(frame)}:${lineNumber + 1}:${columnNumber + 1})`
      })
    return lines.join('\n')
  }

  /**
   * Lets the main thread find out whose code it is, by what stands in its variables: after an `await` nothing else tells. Called while halted.
   */
  async claim(): Promise<void> {
    const frames = this.#frames.filter((frame) => this.#isUsers(frame)).toReversed()
    for (const scope of frames.flatMap(scopesOf)) {
      const { objectId } = scope.object
      if (objectId !== undefined && (await this.#claims(objectId))) return
    }
  }

  async #claims(objectId: string): Promise<boolean> {
    // Later versions of V8 throw where a variable is asked for that has been optimised away.
    const functionDeclaration = `function () {
      const values = []
      for (const name of Object.keys(this)) try { values.push(this[name]) } catch {}
      return globalThis[Symbol.for('${CLAIM}')](values)
    }`
    const answer = await this.#post('Runtime.callFunctionOn', { objectId, functionDeclaration, returnByValue: true })
    return (answer as Runtime.CallFunctionOnReturnType).result.value === true
  }

  async goOn(): Promise<void> {
    await this.#post('Debugger.resume')
  }

  /** Lets go on what is below the user's code. The look must not be closed before that has happened. */
  async end(): Promise<void> {
    await this.#post('Debugger.resume', { terminateOnResume: true })
  }

  close(): void {
    this.#session.disconnect()
  }

  get #hasUsersCode(): boolean {
    return this.#frames.some((frame) => this.#isUsers(frame))
  }

  #isUsers(frame: Frame): boolean {
    return USERS.test(this.#urlOf(frame))
  }

  #urlOf({ location, url }: Frame): string {
    return this.#urls.get(location.scriptId) ?? url
  }

  /** False when it does not halt: then it waits for something, or has ended. */
  async #halt(how: 'Debugger.pause' | 'Debugger.stepInto' | 'Debugger.stepOut'): Promise<boolean> {
    let timeout: NodeJS.Timeout | undefined
    const halted = new Promise<readonly Frame[] | undefined>((resolve) => {
      this.#paused = resolve
      timeout = setTimeout(() => resolve(undefined), PATIENCE)
    })
    await this.#post(how)
    const frames = await halted
    clearTimeout(timeout)
    this.#frames = frames ?? []
    return frames !== undefined
  }

  #post(method: string, params: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, params, (error, result) => {
        if (error === null) resolve(result)
        else reject(error)
      })
    })
  }
}

/** Its own variables, what it was given before what it found; and those around it but for the bundle's own, which belong to no call. */
function scopesOf({ scopeChain }: Frame): Debugger.Scope[] {
  const own = scopeChain.filter(({ type }) => type === 'local' || type === 'block' || type === 'catch')
  return [...own.toReversed(), ...scopeChain.filter(({ type }) => type === 'closure').slice(0, -2)]
}
