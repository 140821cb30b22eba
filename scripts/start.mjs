/** `npm start`: sets everything up and shows a call. `-- --once` ends after it. */
import { main } from './run.mjs'
import { setup } from './setup.mjs'

await main(async () => {
  await setup({ services: false })
  const { demo } = await import('./demo.mjs')
  await demo({ once: process.argv.includes('--once') })
})
