/** Where credentials come from, and in which order. */
import { describe, expect, it } from 'vitest'
import { findCredentials, forRealm, type CredentialSources } from './credentials.ts'

const authVars = { username: 'auser', password: 'apass', realm: 'arealm' }
const configured = [
  { realm: 'r', username: 'first', password: '1' },
  { realm: 'other', username: 'other', password: '2' },
  { realm: 'r', username: 'last', password: '3' },
]

function username(sources: Partial<CredentialSources>, realm = 'r'): string | undefined {
  return findCredentials(realm, { vars: {}, authVars, configured, ...sources })?.username
}

describe('order', () => {
  const vars = { auser: 'vars', apass: 'p' }

  it('vars, then the config', () => {
    expect(username({ vars })).toBe('vars')
    expect(username({})).toBe('last')
    expect(username({ configured: [] })).toBeUndefined()
  })
})

describe('the argument', () => {
  it.each([
    [undefined, 'given'],
    ['r', 'given'],
    ['', undefined],
    ['R', undefined],
  ])('of realm %j', (realm, expected) => {
    const given = { username: 'given', password: 'p', ...(realm !== undefined && { realm }) }
    expect(forRealm(given, 'r')?.username).toBe(expected)
  })
})

describe('vars', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['no realm accepts any', { auser: 'u', apass: 'p' }, 'u'],
    ['an empty realm accepts any', { auser: 'u', apass: 'p', arealm: '' }, 'u'],
    ['this realm', { auser: 'u', apass: 'p', arealm: 'r' }, 'u'],
    ['an empty password is one', { auser: 'u', apass: '' }, 'u'],
    ['another realm falls through', { auser: 'u', apass: 'p', arealm: 'x' }, 'last'],
    ['no password falls through', { auser: 'u' }, 'last'],
    ['an empty user falls through', { auser: '', apass: 'p' }, 'last'],
    ['what is no string falls through', { auser: 1, apass: 'p' }, 'last'],
  ])('%s', (_, vars, expected) => expect(username({ vars })).toBe(expected))

  it('are read under the names of the config', () => {
    const named = { username: 'u', password: 'p', realm: 'x' }
    expect(username({ vars: { u: 'named', p: 'p', auser: 'no', apass: 'p' }, authVars: named })).toBe('named')
  })
})

it('the config: the last one of a realm wins, a realm is compared to the letter', () => {
  expect([username({}, 'r'), username({}, 'other'), username({}, 'R')]).toEqual(['last', 'other', undefined])
})
