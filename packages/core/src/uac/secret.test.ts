/** What a password or a HA1 can prove, and which of them are none. */
import type { Credentials } from '@signalbox/dsl'
import { describe, expect, it } from 'vitest'
import type { Algorithm } from './digest.ts'
import { secretOf, unusableCredentials } from './secret.ts'

/** Of user `user`, realm `example.com`, password `secret`, as reSIProcate has them. */
const published = {
  MD5: '30969131580e626606ce70ceaab77719',
  'SHA-256': 'de24c1fac8b54ea8380bb2299c3bbcf6489084c44deb242d18fe409698148935',
  'SHA-512-256': '28c22ce0f545ffd15d749d51fad525b918ffbda8183303241fff3166a2e53cc0',
}
const algorithms = Object.keys(published) as Algorithm[]

function secrets(credentials: Credentials): (string | undefined)[] {
  return algorithms.map((algorithm) => secretOf(credentials, algorithm, 'example.com'))
}

const { MD5: md5, 'SHA-256': sha256, 'SHA-512-256': sha512 } = published

describe('RFC 7616 §3.4.2: HA1', () => {
  it('of a password, for each algorithm', () =>
    expect(secrets({ username: 'user', password: 'secret' })).toEqual([md5, sha256, sha512]))

  it.each<[string, Credentials['ha1'], (string | undefined)[]]>([
    ['32 digits are MD5', md5, [md5, undefined, undefined]],
    ['64 digits are SHA-256', sha256, [undefined, sha256, undefined]],
    ['capitals are the same', md5.toUpperCase(), [md5, undefined, undefined]],
    ['by algorithm', { 'SHA-512-256': sha512.toUpperCase(), MD5: md5 }, [md5, undefined, sha512]],
    ['none', {}, [undefined, undefined, undefined]],
  ])('given: %s', (_, ha1, expected) => {
    const credentials = { username: 'user', ha1: ha1! }
    expect(secrets(credentials)).toEqual(expected)
    expect(unusableCredentials(credentials)).toBeUndefined()
  })

  it('Case 16: a given one is never the password of what comes after it', () => {
    secrets({ username: 'user', ha1: md5 })
    expect(secrets({ username: 'user', password: 'secret' })).toEqual([md5, sha256, sha512])
    expect(secrets({ username: 'user', password: md5 })[0]).not.toBe(md5)
  })
})

describe('Case 17: what cannot be used is said, and not shown', () => {
  it.each<[unknown, string]>([
    [{ username: 'u', ha1: 'abc123' }, 'the ha1 of "u" is not 32 or 64 hex digits'],
    [{ username: 'u', ha1: '' }, 'the ha1 of "u" is not 32 or 64 hex digits'],
    [{ username: 'u', ha1: 'x'.repeat(32) }, 'the ha1 of "u" is not 32 or 64 hex digits'],
    [{ username: 'u', ha1: md5 + '\n' }, 'the ha1 of "u" is not 32 or 64 hex digits'],
    [{ username: 'u', ha1: { MD5: sha256 } }, 'the ha1 of "u" is not 32 hex digits for MD5'],
    [{ username: 'u', ha1: { MD5: md5, 'SHA-256': md5 } }, 'the ha1 of "u" is not 64 hex digits for SHA-256'],
    [{ username: 'u', ha1: { 'SHA-512-256': 7 } }, 'the ha1 of "u" is not 64 hex digits for SHA-512-256'],
    [{ username: 'u\r\nX: y', password: 'p' }, 'the user name "u\\r\\nX: y" has a line break'],
    [{ username: '', password: 'p' }, 'the credentials have no user name'],
    [{ password: 'p' }, 'the credentials have no user name'],
    [{ username: 'u' }, '"u" has neither password nor ha1'],
    [{ username: 'u', ha1: null }, '"u" has neither password nor ha1'],
  ])('%j', (credentials, why) => expect(unusableCredentials(credentials as Credentials)).toBe(why))
})
