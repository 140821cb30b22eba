// expected: nothing
import { onFailure, onRequest, type FailureContext } from '@signalbox/dsl'

const failures = ['A', 'B'].map((name) => onFailure(name, answer))
const spare = trunk('C')

onRequest(({ req, relay }) => relay({ onFailure: req.method === 'INVITE' ? failures[0]! : spare }))

function answer({ reply }: FailureContext): void {
  reply(503)
}

function trunk(name: string) {
  return onFailure(name, answer)
}
