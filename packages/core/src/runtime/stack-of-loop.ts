/** Where a thread of ours is that does not answer: its stack, by the debugger's protocol. The thread goes on afterwards as it did. */
import type { Session } from 'node:inspector'

/** Milliseconds. Code that the debugger cannot stop, in a native function for instance, has no line to tell. */
const PATIENCE = 1_000

/** The part of the protocol that is used here: `Debugger.scriptParsed`, `Debugger.paused`. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: {
    readonly scriptId?: string
    readonly url?: string
    readonly callFrames?: readonly { readonly location: Location }[]
  }
}

interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** The frames in `file`, as a stack writes them; undefined where none can be had. `workerUrl` is what the thread was started with. */
export async function stackOfLoop(workerUrl: string, file: string): Promise<string | undefined> {
  const inspector = await import('node:inspector').catch(() => undefined)
  if (inspector === undefined) return undefined
  const session = new inspector.Session()
  let timer: NodeJS.Timeout | undefined
  try {
    session.connect()
    const tooLate = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PATIENCE)))
    return await Promise.race([pausedStack(session, workerUrl, file), tooLate])
  } finally {
    clearTimeout(timer)
    session.disconnect()
  }
}

function pausedStack(session: Session, workerUrl: string, file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ids = new Set<string>()
    let stack = ''
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      if (workerInfo.url !== workerUrl) return
      tell(session, sessionId, ['Debugger.enable', 'Debugger.pause'])
    })
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      const { id, method, params } = JSON.parse(message) as Message
      if (method === 'Debugger.scriptParsed' && params?.url === file) ids.add(params.scriptId!)
      // A thread that is left paused could not even be ended.
      if (id === DISABLED) resolve(stack)
      if (method !== 'Debugger.paused') return
      stack = params!.callFrames!.map(({ location }) => frameOf(location, ids, file)).join('')
      tell(session, sessionId, ['Debugger.disable'])
    })
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => error && reject(error))
  })
}

/** The id of the answer to `Debugger.disable`. */
const DISABLED = 1

function tell(session: Session, sessionId: string, methods: readonly string[]): void {
  for (const method of methods) {
    const message = JSON.stringify({ id: method === 'Debugger.disable' ? DISABLED : 0, method })
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message })
  }
}

function frameOf({ scriptId, lineNumber, columnNumber }: Location, ids: ReadonlySet<string>, file: string): string {
  return ids.has(scriptId) ? `\n    at ${file}:${lineNumber + 1}:${columnNumber + 1}` : ''
}
