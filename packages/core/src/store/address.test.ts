import { expect, test } from 'vitest'
import { nameOf, parseDatabaseAddress } from './address.ts'

const mysql = { kind: 'mysql', host: 'db.example', port: 3306, user: 'u', password: 'p', name: 'kamailio' }

test.each([
  ['sqlite:./signalbox.db', { kind: 'sqlite', file: '/srv/signalbox.db' }],
  ['sqlite:/var/x.db', { kind: 'sqlite', file: '/var/x.db' }],
  // As Kamailio writes an absolute path.
  ['sqlite:////var/x.db', { kind: 'sqlite', file: '/var/x.db' }],
  ['sqlite::memory:', { kind: 'sqlite', file: ':memory:' }],
  ['mysql://u:p@db.example/kamailio', mysql],
  ['mysql://u:p@db.example:3307/kamailio', { ...mysql, port: 3307 }],
  ['mysql://u@[::1]/kamailio', { ...mysql, host: '::1', password: '' }],
  ['mysql://db.example/kamailio', { ...mysql, user: '', password: '' }],
  ['mysql://u:p@ss:w/ord#1?@db.example/kamailio', { ...mysql, password: 'p@ss:w/ord#1?' }],
  ['mysql://u:100%@db.example/kamailio', { ...mysql, password: '100%' }],
  ['mysql://u%40x:p%2Fq@db.example/kamailio', { ...mysql, user: 'u@x', password: 'p/q' }],
  ['mysql://u:p@localhost/kamailio?socket=/run/my.sock', { ...mysql, host: 'localhost', socket: '/run/my.sock' }],
])('%s is a database', (url, expected) => {
  expect(parseDatabaseAddress(url, '/srv')).toEqual(expected)
})

test.each(['', 'sqlite:', 'mysql://', 'mysql://host', 'mysql://host/', 'mysql://h:70000/x', 'postgres://h/x', 'x.db'])(
  '%j is none',
  (url) => {
    expect(parseDatabaseAddress(url, '/srv')).toBeUndefined()
  },
)

test.each([
  ['mysql://u:s3cret@db.example/kamailio', 'mysql://u@db.example:3306/kamailio'],
  ['mysql://u:s3cret@[::1]:3307/kamailio', 'mysql://u@[::1]:3307/kamailio'],
  ['mysql://u:s3cret@h/kamailio?socket=/run/my.sock', 'mysql://u@/run/my.sock/kamailio'],
  ['sqlite:x.db', 'sqlite:/srv/x.db'],
])('%s is named without its password', (url, name) => {
  expect(nameOf(parseDatabaseAddress(url, '/srv')!)).toBe(name)
})
