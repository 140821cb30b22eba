/** What is remembered of calls that were answered here: how many, and which of them go first. */
import { expect, it } from 'vitest'
import type { Message } from '../message/message.ts'
import { parsed, requestText } from '../testing/layer-rig.ts'
import { CalleeDialogs } from './callee-dialogs.ts'

/** A BYE within the call that was answered under this tag. */
function bye(tag: string): Message {
  return parsed(requestText({ method: 'BYE', to: `<sip:bob@example.net>;tag=${tag}` }))
}

it('RFC 3261 §12.2.2: those heard of longest ago are forgotten when there are too many, and answered as if they went on', () => {
  const dialogs = new CalleeDialogs(4)
  const invite = parsed(requestText({ cseq: 2 }))
  const answers = (): (number | undefined)[] =>
    ['one', 'two', 'three', 'four'].map((tag) => dialogs.refusal(bye(tag))?.status)
  dialogs.begin(invite, 'one')
  dialogs.begin(invite, 'two')
  dialogs.answered(bye('one'), 200)
  dialogs.begin(invite, 'three')
  expect(answers()).toEqual([481, 500, 500, undefined])
  dialogs.begin(invite, 'four')
  dialogs.answered(bye('two'), 200)
  expect(answers()).toEqual([481, undefined, 500, 500])
})
