/** Watches what happens within a dialog, and fails at it. */
import { onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))

onInDialog(({ req }) => {
  throw new Error(`cannot watch ${req.method}`)
})
