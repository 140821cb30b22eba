/** The flags of a command line; what is wrong with them is told with how it should be. */
import { parseArgs } from 'node:util'
import { Refusal } from '../scripts/run.mjs'

export function readFlags(args, options, usage, allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals })
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS')) throw error
    throw new Refusal(`${error.message}\n\n${usage}`)
  }
}

/** A number above zero, or the usage. */
export function positive(text, usage) {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new Refusal(usage)
  return value
}
