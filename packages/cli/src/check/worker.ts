/** A process that checks types once and sends what it found: `dev` forks it, so that the proxy never loads a compiler. */
import { checkTypes } from './types.ts'

const [root, routes] = process.argv.slice(2)
if (root === undefined || routes === undefined) throw new Error('worker ROOT ROUTES')
process.send?.(checkTypes({ root, routes }), () => process.disconnect())
