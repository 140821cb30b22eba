/** RFC 3261 §25.1 generic-param: looked up, listed, replaced, missing. */
import { describe, expect, it } from 'vitest'
import { allParams, paramAt, replaceParam } from './params.ts'

describe('paramAt', () => {
  const text = '<sip:h>;Tag = a ;lr; q=0.5;x="a;tag=no\\";q=1";branch=b'
  const at = text.indexOf(';')

  it('RFC 3261 §7.3.1: a name is found in any case, blanks around = and ; do not count', () => {
    expect(paramAt(text, at, 'tag')).toBe('a')
    expect(paramAt(text, at, 'q')).toBe('0.5')
  })

  it('gives the empty string for one without a value and undefined for one that is absent', () => {
    expect(paramAt(text, at, 'lr')).toBe('')
    expect(paramAt(text, at, 'l')).toBeUndefined()
    expect(paramAt(text, at, 'lrx')).toBeUndefined()
    expect(paramAt('', 0, 'tag')).toBeUndefined()
    expect(paramAt(';a=', 0, 'a')).toBe('')
  })

  it('RFC 3261 §25.1: a quoted value keeps its quotes, and nothing inside it is a parameter', () => {
    expect(paramAt(text, at, 'x')).toBe('"a;tag=no\\";q=1"')
    expect(paramAt(text, at, 'branch')).toBe('b')
    expect(paramAt(';x="a;tag=1', 0, 'tag')).toBeUndefined()
  })

  it('takes the first of two, keeps = in a value, and does not look beyond the end', () => {
    expect(paramAt(';a=1;a=2', 0, 'a')).toBe('1')
    expect(paramAt(';a=b=c', 0, 'a')).toBe('b=c')
    expect(paramAt(';a=1;b=2', 0, 'b', 4)).toBeUndefined()
    expect(paramAt(';a=123', 0, 'a', 4)).toBe('1')
  })

  it('reads a value that stands on a folded line', () => expect(paramAt(';tag\r\n =\r\n x', 0, 'tag')).toBe('x'))
})

describe('allParams', () => {
  it('lists them in order as written; empty ones are none', () => {
    expect(allParams(';A=1; b ;;c="x;y";d=')).toEqual([
      ['A', '1'],
      ['b', undefined],
      ['c', '"x;y"'],
      ['d', ''],
    ])
    expect(allParams('')).toEqual([])
  })
})

describe('replaceParam', () => {
  it('replaces the first in its place, drops the others, and leaves the rest as it is', () => {
    expect(replaceParam('h; RPORT ;a=1 ;rport=5;b', 1, 'rport', ';rport=9')).toBe('h;rport=9;a=1 ;b')
    expect(replaceParam('h;a;b', 1, 'a', '')).toBe('h;b')
  })

  it('touches neither longer names nor what is quoted', () => {
    const text = 'h;rport-x=1;y=";rport=2;"'
    expect(replaceParam(text, 1, 'rport', ';rport=9')).toBe(text)
  })
})
