/** RFC 3261 §20.16 and §8.1.1.5. */
import { describe, expect, it } from 'vitest'
import { MAX_CSEQ, readCSeq } from './cseq.ts'
import { inviteBut, read } from './sample.ts'

describe('readCSeq', () => {
  it.each([
    ['4711 INVITE', 4711, 'INVITE'],
    ['0 ACK', 0, 'ACK'],
    ['0009\r\n  INVITE', 9, 'INVITE'],
    ['18 \t BYE', 18, 'BYE'],
    ["1 !interesting-Method0123456789_*+`.%indeed'~", 1, "!interesting-Method0123456789_*+`.%indeed'~"],
    ['2147483647 INVITE', MAX_CSEQ, 'INVITE'],
  ])('RFC 3261 §20.16: %j', (value, number, method) => expect(readCSeq(value)).toEqual({ number, method }))

  it('RFC 3261 §20.16: the method keeps its case', () => expect(readCSeq('1 invite')?.method).toBe('invite'))

  it.each([
    ['2147483648 INVITE', 'the number is not below 2^31'],
    ['36893488147419103232 REGISTER', 'the number is absurd'],
    ['9'.repeat(400) + ' REGISTER', 'the number is longer than a number'],
    ['-1 INVITE', 'a sign'],
    ['+1 INVITE', 'a sign'],
    ['1.5 INVITE', 'a fraction'],
    ['0x1 INVITE', 'hexadecimal'],
    ['1', 'no method'],
    ['1 ', 'no method behind a blank'],
    ['INVITE', 'no number'],
    ['INVITE 1', 'the wrong way round'],
    ['1INVITE', 'no blank'],
    ['1 IN VITE', 'two words'],
    ['1 IN/VITE', 'a method that is no token'],
    [' 1 INVITE', 'a blank first'],
    ['', 'nothing'],
  ])('RFC 3261 §20.16: %j is none: %s', (value) => expect(readCSeq(value)).toBeUndefined())

  it('gives undefined for a header that is missing', () => expect(read(inviteBut('CSeq')).cseq).toBeUndefined())
})
