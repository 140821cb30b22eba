// expected: nothing
// What is static in a class runs while the program loads.
import { onFailure, onReply, onRequest } from '@signalbox/dsl'

class Routes {
  static readonly busy = onFailure('BUSY', ({ reply }) => reply(486))

  static {
    onReply('TOLD', ({ res }) => void res.headers.delete('Server'))
  }
}

onRequest(({ relay }) => relay({ onFailure: Routes.busy, onReply: 'TOLD' }))
