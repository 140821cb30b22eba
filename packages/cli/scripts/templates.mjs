/**
 * Before and after this package is packed: the repository's templates stand in it only while that lasts, since `signalbox new` would take
 * them before the repository's own.
 */
import { cpSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('../templates', import.meta.url))
const source = fileURLToPath(new URL('../../../templates', import.meta.url))

/** Using a template in place leaves these. */
const isSource = (file) =>
  !['node_modules', '.signalbox'].includes(basename(file)) && !basename(file).startsWith('signalbox.db')

rmSync(here, { recursive: true, force: true })
if (process.argv[2] === 'copy') cpSync(source, here, { recursive: true, filter: isSource })
