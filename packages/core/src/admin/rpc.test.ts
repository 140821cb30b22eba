/** JSON-RPC 2.0 by its specification's examples, and the errors of ours. */
import { describe, expect, it } from 'vitest'
import { SignalboxError } from '../errors.ts'
import { handleRpc, RpcError, type RpcMethod } from './rpc.ts'

const called: (readonly unknown[])[] = []

const methods = new Map<string, RpcMethod>([
  ['subtract', ([a, b]) => Number(a) - Number(b)],
  ['later', async () => Promise.resolve('done')],
  ['nothing', () => undefined],
  ['note', (params) => void called.push(params)],
  [
    'wrong',
    () => {
      throw new RpcError(-32602, 'two numbers are wanted')
    },
  ],
  [
    'refuse',
    () => {
      throw new SignalboxError('NO_ROUTE', 'no onRequest', [{ text: 'no onRequest', hint: 'add one' }])
    },
  ],
  [
    'break',
    () => {
      throw new TypeError('a bug')
    },
  ],
  ['reject', () => Promise.reject(new SignalboxError('BUILD', 'does not bundle'))],
])

const ask = (request: unknown): Promise<unknown> =>
  handleRpc(typeof request === 'string' ? request : JSON.stringify(request), methods)
const call = (method: string, params?: unknown, id: unknown = 1): object => ({ jsonrpc: '2.0', method, params, id })
const failed = (id: unknown, code: number): object => ({
  jsonrpc: '2.0',
  id,
  error: { code, message: expect.any(String) as string },
})

describe('JSON-RPC 2.0 §4: a call', () => {
  it.each<[string, object, unknown]>([
    ['with positional parameters', call('subtract', [42, 23]), 19],
    ['with named ones, in their order', call('subtract', { a: 42, b: 23 }), 19],
    ['of a method that takes its time', call('later'), 'done'],
    ['of a method that gives nothing', call('nothing'), null],
  ])('%s', async (_, request, result) => {
    expect(await ask(request)).toEqual({ jsonrpc: '2.0', id: 1, result })
  })

  it.each(['x', 0, -1.5, '', null])('has its id %j back', async (id) => {
    expect(await ask(call('nothing', [], id))).toEqual({ jsonrpc: '2.0', id, result: null })
  })

  it('JSON-RPC 2.0 §4.1: a notification is done and not answered, whatever comes of it', async () => {
    for (const method of ['note', 'break', 'no-such-method']) {
      expect(await ask({ jsonrpc: '2.0', method, params: [7] })).toBeUndefined()
    }
    expect(called).toEqual([[7]])
  })
})

describe('JSON-RPC 2.0 §5.1: an error', () => {
  it.each<[string, unknown, object]>([
    ['what is no JSON', '{"jsonrpc": "2.0", "method"', failed(null, -32700)],
    ['nothing at all', '', failed(null, -32700)],
    ['what is no object', '1', failed(null, -32600)],
    ['null', 'null', failed(null, -32600)],
    ['a method that is no string', { jsonrpc: '2.0', method: 1, params: 'bar' }, failed(null, -32600)],
    ['parameters that are no list', { ...call('subtract'), params: 'bar' }, failed(null, -32600)],
    ['no version', { method: 'nothing', id: 1 }, failed(null, -32600)],
    ['an id that is none', { ...call('nothing'), id: {} }, failed(null, -32600)],
    ['an unknown method', call('foobar'), failed(1, -32601)],
    ['a method of every object', call('toString'), failed(1, -32601)],
    ['what the method says is wrong', call('wrong'), failed(1, -32602)],
    ['a bug', call('break'), failed(1, -32603)],
  ])('%s', async (_, request, expected) => expect(await ask(request)).toEqual(expected))

  it('an unknown method names those there are', async () => {
    expect(await ask(call('foobar'))).toMatchObject({
      error: { message: expect.stringContaining('subtract, later') as string },
    })
  })

  it.each([
    ['refuse', { code: 'NO_ROUTE', problems: [{ text: 'no onRequest', hint: 'add one' }] }],
    ['reject', { code: 'BUILD', problems: [] }],
  ])('what the server refuses goes out with its code and problems: %s', async (method, data) => {
    expect(await ask(call(method))).toMatchObject({ id: 1, error: { code: -32000, data } })
  })
})

describe('JSON-RPC 2.0 §6: a batch', () => {
  it('is answered in its order, without the notifications', async () => {
    const batch = [
      call('subtract', [3, 1], 'a'),
      { jsonrpc: '2.0', method: 'nothing' },
      { foo: 'boo' },
      call('later', [], 'b'),
      1,
    ]
    expect(await ask(batch)).toEqual([
      { jsonrpc: '2.0', id: 'a', result: 2 },
      failed(null, -32600),
      { jsonrpc: '2.0', id: 'b', result: 'done' },
      failed(null, -32600),
    ])
  })

  it('of notifications is not answered', async () => {
    expect(await ask([{ jsonrpc: '2.0', method: 'nothing' }])).toBeUndefined()
  })

  it('that is empty is one error', async () => expect(await ask([])).toEqual(failed(null, -32600)))
})
