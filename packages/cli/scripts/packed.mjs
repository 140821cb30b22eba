/**
 * Before and after this package is packed: the repository's templates and the pages of the rules stand in it only while that lasts, since
 * this package would take them before the repository's own.
 */
import { cpSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Using a template in place leaves these. */
const isSource = (file) =>
  !['node_modules', '.signalbox'].includes(basename(file)) && !basename(file).startsWith('signalbox.db')

const own = (folder) => fileURLToPath(new URL(`../${folder}`, import.meta.url))
const source = (folder) => fileURLToPath(new URL(`../../../${folder}`, import.meta.url))

for (const folder of ['templates', 'docs']) rmSync(own(folder), { recursive: true, force: true })
if (process.argv[2] === 'copy')
  for (const folder of ['templates', 'docs/rules'])
    cpSync(source(folder), own(folder), { recursive: true, filter: isSource })
