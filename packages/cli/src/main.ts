/** What the `signalbox` bin runs. The flags come first, so the program is imported after them. */
import './v8-flags.ts'

const { run } = await import('./program.ts')
process.exit(await run(process.argv.slice(2)))
