/** What the `signalbox` bin runs. The flag comes first, so the program is imported after it. */
import './no-compilation-cache.ts'

const { run } = await import('./program.ts')
process.exit(await run(process.argv.slice(2)))
