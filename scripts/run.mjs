/**
 * Runs one command for the other scripts: quietly, with its output kept for the day it fails.
 * Node alone, since these scripts run before anything is installed.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root; every command runs there. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Resolves with the exit code and everything the command wrote. `show` lets it write to our own output instead. */
export function run(command, args, { show = false, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}

/** What went wrong, for the person at the terminal: no stack, exit code 1. */
export class Refusal extends Error {}

/** Runs a script's main function; a refusal is printed as it is, anything else is a bug and shows its stack. */
export async function main(body) {
  try {
    process.exitCode = await body()
  } catch (error) {
    console.error(error instanceof Refusal ? error.message : error)
    process.exitCode = 1
  }
}
