/** Times as users write them: a number of milliseconds, or a number with its unit such as `'90s'`. */
import { SignalboxError } from '../errors.ts'

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds. Throws `BAD_DURATION`. */
export function parseDuration(value: number | string): number {
  const ms = typeof value === 'number' ? value : fromText(value)
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw new SignalboxError(
    'BAD_DURATION',
    `${JSON.stringify(value)} is not a time: write milliseconds or '90s', '500ms', '3m', '1h'`,
  )
}

function fromText(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  return amount === undefined || unit === undefined ? Number.NaN : Math.round(Number(amount) * units[unit]!)
}
