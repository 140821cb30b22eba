/** Which worker a message belongs to, by what the parser reads in it: what `message/owner.ts` has to find in its bytes. */
import type { Message } from '../message/message.ts'
import { ownerOfCall } from '../message/owner.ts'

const branchOfWorker = /^z9hG4bK[0-9a-z]*w(\d+)\./

export function ownerByMessage(message: Message, workers: number): number | undefined {
  if (message.isRequest && message.method === 'REGISTER') return 0
  const worker = message.isRequest ? undefined : branchOfWorker.exec(message.topVia?.branch ?? '')?.[1]
  if (worker !== undefined && Number(worker) < workers) return Number(worker)
  return message.callId === '' ? undefined : ownerOfCall(message.callId, workers)
}
