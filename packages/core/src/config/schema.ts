/**
 * The config's keys, their types and defaults. Each message is the second half of "expected …"; what was found is added by
 * `problems.ts`, so that a password never gets into a message by way of a schema.
 */
import { isIP } from 'node:net'
import type { Credentials } from '@signalbox/dsl'
import { z } from 'zod'
import { defaultLimits } from '../limits.ts'
import { defaultRules } from '../registrar/rules.ts'
import { parseDatabaseAddress } from '../store/address.ts'
import { isLoopback, parseHostPort, parseListen } from './address.ts'
import { parseDuration } from './duration.ts'
import { nearest } from './nearest.ts'

const TIME = "milliseconds, or a time such as '90s', '500ms', '3m', '1h'"
const SECONDS = "seconds, or a time such as '90s', '3m', '1h'"
const LISTEN = "'udp:HOST:PORT', with an IPv6 address in [ ]"
const ADVERTISE = "'HOST' or 'HOST:PORT', with an IPv6 address in [ ]"
const TOKEN = 'a token of ASCII letters, digits and signs, without a blank or a line end around it'
/** What goes through the header in which it is sent. */
const bearer = /^[!-~]([ -~]*[!-~])?$/
const HOST_NAME = "a host name or an address, without 'sip:' and without a port"

/** An object that refuses keys it does not know. That issue's message has one line for each key: how to mend it. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, what = 'an object') {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => suggestKey(key, known)).join('\n') : what,
  })
}

/** What a misspelled key was meant to be. */
function suggestKey(key: string, known: readonly string[]): string {
  const guess = nearest(key, known)
  return guess ? `did you mean "${guess}"?` : `known here: ${known.join(', ')}`
}

function isDuration(value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'string') return false
  try {
    return parseDuration(value) >= 0
  } catch {
    return false
  }
}

const time = z.custom<number | string>(isDuration, TIME).transform(parseDuration)
const positiveTime = time.refine((ms) => ms > 0, `more than 0 ${TIME}`)
/** 24 days: Node takes what lasts longer for one millisecond. */
const isWaitable = (ms: number): boolean => ms <= 576 * 3_600_000
const WAITABLE = `at most '576h': ${TIME}`
const seconds = z
  .custom<number | string>(isDuration, SECONDS)
  .transform((value) => (typeof value === 'number' ? value : parseDuration(value) / 1000))

const text = (expected: string) => z.string(expected).min(1, expected)
const name = (expected: string) => z.string(expected).regex(/^[A-Za-z0-9_.-]+$/, expected)

const address = (expected: string) => z.string(expected).refine((value) => parseHostPort(value) !== undefined, expected)

const socket = z
  .string(LISTEN)
  .refine((value) => parseListen(value) !== undefined, LISTEN)
  .refine((value) => isUdp(value), "'udp:HOST:PORT' (tcp, tls, ws and wss are not available yet: udp only)")
  .refine(isBindable, 'an IP address to bind to (names go into advertise or aliases)')

/** What does not parse at all has its own message. */
function isUdp(value: string): boolean {
  return (parseListen(value)?.transport ?? 'udp') === 'udp'
}

/** What has another fault has its own message. */
function isBindable(value: string): boolean {
  const { transport, host } = parseListen(value) ?? {}
  return transport !== 'udp' || isIP(host!) !== 0
}

const listen = z.union(
  [
    socket,
    section({
      at: socket,
      advertise: address(ADVERTISE).optional(),
      cert: text('the path of a PEM file').optional(),
      key: text('the path of a PEM file').optional(),
    }),
  ],
  `${LISTEN}, or { at: 'udp:HOST:PORT', advertise: 'HOST' }`,
)

/** The address of one entry of `listen`. */
export function whereOf(entry: z.output<typeof listen>): string {
  return typeof entry === 'string' ? entry : entry.at
}

function refuseDoubled(sockets: readonly z.output<typeof listen>[], context: z.RefinementCtx): void {
  const all = sockets.map(whereOf)
  for (const [index, where] of all.entries())
    if (all.indexOf(where) < index)
      context.addIssue({ code: 'custom', path: [index], message: `each socket once ("${where}" is there twice)` })
}

const admin = section({
  listen: z
    .string("'HOST:PORT'")
    .refine((value) => parseHostPort(value)?.port !== undefined, "'HOST:PORT'")
    .default('127.0.0.1:8060'),
  token: z.string(TOKEN).regex(bearer, TOKEN).optional(),
}).refine(isGuarded, {
  path: ['token'],
  error: 'a token, because admin.listen is not on loopback: set admin.token or SIGNALBOX_ADMIN_TOKEN',
})

/** An address that does not parse has been complained about already. */
function isGuarded({ listen, token }: { listen: string; token?: string | undefined }): boolean {
  const { host, port } = parseHostPort(listen) ?? {}
  return token !== undefined || host === undefined || port === undefined || isLoopback(host)
}

const hexOf = (length: 32 | 64) =>
  z.string(`${length} hex digits`).regex(new RegExp(`^[0-9a-f]{${length}}$`, 'i'), `${length} hex digits`)

const PASSWORD = 'a password, or ha1 in its place'
const HA1 = "32 or 64 hex digits, or { MD5, 'SHA-256', 'SHA-512-256' }"
const ha1 = z.union(
  [
    z.string().regex(/^([0-9a-f]{32}|[0-9a-f]{64})$/i, HA1),
    section({ MD5: hexOf(32).optional(), 'SHA-256': hexOf(64).optional(), 'SHA-512-256': hexOf(64).optional() }, HA1),
  ],
  HA1,
)

const credentials = section({
  realm: text('the realm as the carrier writes it'),
  username: text('a user name'),
  password: z.string('a string').optional(),
  ha1: ha1.optional(),
}).transform(({ password, ha1, ...who }, context): Credentials & { realm: string } => {
  const refuse = (key: string, message: string): never => {
    context.addIssue({ code: 'custom', path: [key], message })
    return z.NEVER
  }
  if (ha1 === undefined) return password === undefined ? refuse('password', PASSWORD) : { ...who, password }
  if (password !== undefined) return refuse('ha1', 'no ha1 beside a password')
  const isEmpty = typeof ha1 === 'object' && Object.keys(ha1).length === 0
  return isEmpty ? refuse('ha1', HA1) : { ...who, ha1 }
})

const registration = section({
  contact: address(ADVERTISE).optional(),
  interval: seconds.default(90),
  retryInterval: seconds.default(30),
  rate: z.number('a number of REGISTERs per second').positive('more than 0 per second').default(50),
  unregisterOnStop: z.boolean('true or false').default(false),
})

const secret = z.string('a string')
const RESTORE_PASSWORD = 'a string, or a list of strings that is not empty'
const RR_PARAM = 'the name of a URI parameter that is not lr, cs or ftag'
const rrParam = name(RR_PARAM).refine((value) => !['lr', 'cs', 'ftag'].includes(value.toLowerCase()), RR_PARAM)

const uac = section({
  credentials: z.array(credentials, 'a list of { realm, username, password } or { realm, username, ha1 }').default([]),
  authVars: section({
    username: name('the name of a variable').default('auser'),
    password: name('the name of a variable').default('apass'),
    realm: name('the name of a variable').default('arealm'),
  }).prefault({}),
  restoreMode: z.enum(['none', 'manual', 'auto'], "'none', 'manual' or 'auto'").default('auto'),
  restorePassword: z.union([secret, z.array(secret).min(1, RESTORE_PASSWORD)], RESTORE_PASSWORD).default(''),
  restoreFormat: z.enum(['sealed', 'kamailio'], "'sealed' or 'kamailio'").default('sealed'),
  rrFromParam: rrParam.default('vsf'),
  rrToParam: rrParam.default('vst'),
  restoreVars: section({
    from: name('the name of a variable').optional(),
    to: name('the name of a variable').optional(),
  }).prefault({}),
  registration: registration.prefault({}),
}).refine(({ rrFromParam, rrToParam }) => rrFromParam.toLowerCase() !== rrToParam.toLowerCase(), {
  path: ['rrToParam'],
  error: 'another name than that of uac.rrFromParam',
})

const count = z.int('a whole number').min(1, 'at least 1')

const limits = section({
  messageSize: count.default(defaultLimits.messageSize),
  headers: count.default(defaultLimits.headers),
  headerLength: count.default(defaultLimits.headerLength),
  uriLength: count.default(defaultLimits.uriLength),
  vias: count.default(defaultLimits.vias),
  routes: count.default(defaultLimits.routes),
  branches: count.default(defaultLimits.branches),
  transactions: count.default(defaultLimits.transactions),
  unanswered: count.default(defaultLimits.unanswered),
  ownRequests: count.default(defaultLimits.ownRequests),
  perSource: count.default(defaultLimits.perSource),
  dialogs: count.default(defaultLimits.dialogs),
  bindings: count.default(defaultLimits.bindings),
})

const expires = seconds.refine(
  (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 31,
  `at least 1, in whole ${SECONDS}`,
)

const registrar = section({
  defaultExpires: expires.default(defaultRules.defaultExpires),
  minExpires: expires.default(defaultRules.minExpires),
  maxExpires: expires.default(defaultRules.maxExpires),
  maxContacts: count.default(defaultRules.maxContacts),
  useDomain: z.boolean('true or false').default(defaultRules.useDomain),
}).refine(({ minExpires, maxExpires }) => minExpires <= maxExpires, {
  path: ['maxExpires'],
  error: 'no less than registrar.minExpires',
})

export const schema = section(
  {
    routes: text('the path of the route file').default('./routes/main.ts'),
    listen: z
      .array(listen, `a list of ${LISTEN}`)
      .min(1, 'at least one socket')
      .superRefine(refuseDoubled)
      .default(['udp:0.0.0.0:5060']),
    aliases: z
      .array(z.string(HOST_NAME).regex(/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/i, HOST_NAME), 'a list of host names')
      .default([]),
    database: z
      .string("'sqlite:FILE' or 'mysql://…'")
      .refine(
        (value) => parseDatabaseAddress(value, '') !== undefined,
        "'sqlite:FILE' or 'mysql://user:pass@host:3306/name'",
      )
      .default('sqlite:./signalbox.db'),
    admin: admin.prefault({}),
    timers: section({ t1: positiveTime.default(500), c: positiveTime.default(180_000) }).prefault({}),
    drain: section({ timeout: time.refine(isWaitable, WAITABLE).default(20_000) }).prefault({}),
    handlers: section({
      deadline: positiveTime.refine(isWaitable, WAITABLE).default(30_000),
      cpu: positiveTime.default(200),
    }).prefault({}),
    log: section({
      level: z.enum(['debug', 'info', 'warn', 'error'], "'debug', 'info', 'warn' or 'error'").default('info'),
      format: z.enum(['auto', 'json', 'text'], "'auto', 'json' or 'text'").default('auto'),
    }).prefault({}),
    limits: limits.prefault({}),
    registrar: registrar.prefault({}),
    workers: z.int('a whole number').min(1, 'at least 1').max(256, 'at most 256').default(1),
    uac: uac.prefault({}),
  },
  'an object: export default defineConfig({ … })',
)

export type CheckedConfig = z.output<typeof schema>
