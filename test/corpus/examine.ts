/** One message of the corpus through a running proxy: what becomes of it, in a word. */
import { answerTo, isRequest, strangers, type Lab, type Parties } from './lab.ts'
import { dressed, kindOf, putTogether, takeApart, valueOf, withRport, type Text } from './text.ts'
import { harmToRequest, harmToResponse } from './unharmed.ts'

/**
 * `forwarded`, `dropped`, `absorbed` (a 100, which goes no further), or the answer: `400 Bad Via`. A harm is appended: no test takes that
 * for one of these words.
 */
export type Outcome = string

/** A request as it is: what the callee gets of it, else what the caller is answered. */
export async function examineRequest(parties: Parties, bytes: Buffer): Promise<Outcome> {
  return withLab(parties, async (lab) => sendRequest(lab, withRport(bytes)))
}

/** An ACK with a Route of ours, as after a 2xx that we record-routed. */
export async function examineRoutedAck(parties: Parties, bytes: Buffer): Promise<Outcome> {
  return withLab(parties, async (lab) => {
    const route = { start: '', fields: [`Route: <sip:${lab.callee.address};lr>`], body: '' }
    const unharmed = dressed(takeApart(withRport(bytes)), route, 'route')
    const ours = `Route: <sip:${lab.proxy};lr>`
    return sendRequest(lab, putTogether({ ...unharmed, fields: [ours, ...unharmed.fields] }), unharmed)
  })
}

/** A response that belongs to nothing. */
export async function examineStray(parties: Parties, bytes: Buffer): Promise<Outcome> {
  return withLab(parties, async (lab) => {
    lab.callee.send(bytes, lab.port)
    await lab.normalCall()
    return [...strangers(lab.caller.received), ...strangers(lab.callee.received)].length === 0 ? 'dropped' : 'sent on'
  })
}

/** A response in the place of a live request's answer. `keep` names fields that stay its own, because they are what is wrong with it. */
export async function examineAnswer(parties: Parties, bytes: Buffer, keep: readonly string[]): Promise<Outcome> {
  return withLab(parties, async (lab) => {
    const { caller, callee } = lab
    const response = takeApart(bytes)
    const method = valueOf(response, 'cseq')?.split(' ')[1] ?? 'OPTIONS'
    caller.send(parties.request(method, 'live'), lab.port)
    const request = await callee.next(method, 'live')
    const names = ['via', 'from', 'to', 'call-id', 'cseq'].filter((name) => !keep.includes(name))
    const answer = dressed(response, request, ...names)
    callee.send(putTogether(answer), lab.port)
    callee.send(answerTo(request, '299 End'), lab.port)
    await lab.normalCall()
    const came = strangers(caller.received).find((text) => text.start === response.start)
    const harm = came && harmToResponse(answer, came)
    // A 100 that the caller gets is the proxy's own (RFC 3261 §16.7 step 4).
    if (kindOf(response) === '100') return harm?.length === 0 ? 'forwarded' : 'absorbed'
    return harm === undefined ? 'dropped' : described('forwarded', harm)
  })
}

async function withLab(parties: Parties, act: (lab: Lab) => Promise<Outcome>): Promise<Outcome> {
  const lab = await parties.lab()
  try {
    return await act(lab)
  } finally {
    await lab.close()
  }
}

/** `unharmed` is what the callee should see of it. */
async function sendRequest(lab: Lab, sent: Buffer, unharmed = takeApart(sent)): Promise<Outcome> {
  const { caller, callee } = lab
  callee.onMessage = (text) => {
    const isStranger = isRequest(text) && strangers([text]).length > 0
    if (isStranger && kindOf(text) !== 'ACK') callee.send(answerTo(text, '200 OK'), lab.port)
  }
  caller.send(sent, lab.port)
  await lab.normalCall()
  const forwarded = strangers(callee.received)
  const answers = strangers(caller.received).filter((text) => kindOf(text) !== '100')
  if (forwarded.length > 1 || answers.length > 1) return `${forwarded.length} forwarded, ${answers.length} answers`
  if (forwarded.length === 0) return answers.length === 0 ? 'dropped' : refusal(answers[0]!, unharmed)
  const harm = harmToRequest(unharmed, forwarded[0]!, lab.proxy)
  const isAnswered = kindOf(forwarded[0]!) === 'ACK' || (answers.length === 1 && kindOf(answers[0]!) === '200')
  return described('forwarded', isAnswered ? harm : [...harm, 'its answer was lost'])
}

/** RFC 3261 §8.2.2.3: a 420 names what was not known. */
function refusal(answer: Text, request: Text): Outcome {
  const words = answer.start.replace('SIP/2.0 ', '')
  if (kindOf(answer) !== '420') return words
  const isNamed = valueOf(answer, 'unsupported') === valueOf(request, 'proxy-require')
  return `${words}${isNamed ? ', naming the extensions' : ', not naming the extensions'}`
}

function described(outcome: string, harm: string[]): Outcome {
  return harm.length === 0 ? outcome : `${outcome}, harmed: ${harm.join('; ')}`
}
