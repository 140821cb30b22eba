/** A process that checks once and sends what it found: `dev` forks it, so that the proxy never loads a compiler. */
import { checkProject } from './check.ts'

const [root, routes] = process.argv.slice(2)
if (root === undefined || routes === undefined) throw new Error('worker ROOT ROUTES')
process.send?.(await checkProject({ root, routes }), () => process.disconnect())
