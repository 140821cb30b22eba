/**
 * JSON-RPC 2.0 over one function: takes the parsed body, gives the parsed answer. Methods throw `RpcError` for what the caller did wrong;
 * a `SignalboxError` goes out with its code and problems; anything else is a bug and says so.
 */
import { SignalboxError } from '../errors.ts'

export type RpcMethod = (params: readonly unknown[]) => unknown

export class RpcError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

interface RpcAnswer {
  jsonrpc: '2.0'
  id: string | number | null
  result?: unknown
  error?: { code: number; message: string; data?: unknown }
}

/** JSON-RPC 2.0 §5.1. */
const PARSE_ERROR = -32700
const INVALID_REQUEST = -32600
const METHOD_NOT_FOUND = -32601
const INTERNAL_ERROR = -32603
/** Ours: the server refused, `data` says why. */
const REFUSED = -32000

export type Methods = ReadonlyMap<string, RpcMethod>

/** Undefined when nothing is to be answered (a notification). */
export async function handleRpc(body: string, methods: Methods): Promise<RpcAnswer | RpcAnswer[] | undefined> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return failure(null, PARSE_ERROR, 'the body is not JSON')
  }
  if (!Array.isArray(parsed)) return handleOne(parsed, methods)
  if (parsed.length === 0) return failure(null, INVALID_REQUEST, 'an empty batch')
  const answers = await Promise.all(parsed.map((each) => handleOne(each, methods)))
  const wanted = answers.filter((answer) => answer !== undefined)
  return wanted.length === 0 ? undefined : wanted
}

async function handleOne(request: unknown, methods: Methods): Promise<RpcAnswer | undefined> {
  if (!isRequest(request)) return failure(null, INVALID_REQUEST, 'not a JSON-RPC 2.0 request')
  const { id, method, params = [] } = request
  const run = methods.get(method)
  const answer =
    run === undefined
      ? failure(id ?? null, METHOD_NOT_FOUND, `no method ${method}: there is ${[...methods.keys()].join(', ')}`)
      : await call(id ?? null, run, Array.isArray(params) ? params : Object.values(params))
  return id === undefined ? undefined : answer
}

async function call(id: string | number | null, run: RpcMethod, params: readonly unknown[]): Promise<RpcAnswer> {
  try {
    return { jsonrpc: '2.0', id, result: (await run(params)) ?? null }
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error.code, error.message)
    if (error instanceof SignalboxError) {
      return failure(id, REFUSED, error.message, { code: error.code, problems: error.problems })
    }
    return failure(id, INTERNAL_ERROR, error instanceof Error ? error.message : String(error))
  }
}

/** For a body that is not even looked at. */
export function invalidRequest(message: string): RpcAnswer {
  return failure(null, INVALID_REQUEST, message)
}

function failure(id: string | number | null, code: number, message: string, data?: unknown): RpcAnswer {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } }
}

interface RpcRequest {
  jsonrpc: '2.0'
  id?: string | number | null
  method: string
  params?: unknown[] | Record<string, unknown>
}

function isRequest(value: unknown): value is RpcRequest {
  if (typeof value !== 'object' || value === null) return false
  const { jsonrpc, method, id, params } = value as Record<string, unknown>
  return (
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    (id === undefined || id === null || typeof id === 'string' || typeof id === 'number') &&
    (params === undefined || (typeof params === 'object' && params !== null))
  )
}
