/** What is wrong with a trunk and what to change, in words for whoever has to mend it. */
import { DOUBLED, type TrunkDescription } from './describe.ts'
import { perSecond } from './load.ts'

/** What is wrong with a trunk, and what to change. */
export interface Explanation {
  readonly uuid: string
  readonly state: string
  /** What is the case, and why. */
  readonly what: string
  /** What to change; '' where there is nothing. */
  readonly advice: string
}

/** `queue`: what it waits for, where it waits for its turn. */
export function explainTrunk(trunk: TrunkDescription, queue?: Queue): Explanation {
  const what = [whatIs(trunk), queue && whyWaiting(queue)].filter(Boolean).join(' ')
  const advice = [adviceFor(trunk), adviceForDoubled(trunk), queue && adviceForQueue(queue)].filter(Boolean).join(' ')
  return { uuid: trunk.l_uuid, state: trunk.state, what, advice }
}

/** What starts REGISTERs, as far as who waits wants to know. */
export interface Queue {
  readonly size: number
  readonly isPaused: boolean
  /** REGISTERs per second that may start. */
  readonly rate: number
  /** And that are needed, where that is more. */
  readonly rateNeeded: number | undefined
}

function whyWaiting({ size, isPaused, rate, rateNeeded }: Queue): string {
  if (isPaused) return 'It waits for its turn, and uac.reg_active 0 lets nobody have one.'
  const low = rateNeeded === undefined ? '' : `, and refreshing all trunks takes ${perSecond(rateNeeded)}: some lapse`
  return `It waits for its turn: ${size} wait, and uac.registration.rate lets ${rate} start per second${low}.`
}

function adviceForQueue({ isPaused, rateNeeded }: Queue): string {
  if (isPaused) return 'Let them go on with: signalbox ctl uac.reg_active 1'
  return rateNeeded === undefined ? '' : `Set uac.registration.rate to ${Math.ceil(rateNeeded)} or more.`
}

function adviceForDoubled({ note }: TrunkDescription): string {
  return note.includes(DOUBLED) ? 'Give each row of uacreg an l_uuid of its own.' : ''
}

function whatIs({
  state,
  reason,
  expires_in: left,
  next,
  auth_proxy: proxy,
  r_username,
  r_domain,
  note,
}: TrunkDescription): string {
  const who = `sip:${r_username}@${r_domain} at ${proxy}`
  const again = next === null ? '' : ` It is tried again in ${next} s.`
  const why = reason === '' ? '' : ` Why: ${reason}.`
  if (left !== null && state !== 'disabled' && state !== 'unregistering') {
    const trouble = reason === '' ? '' : ` The last refresh failed.${why}${again}`
    const refresh = reason === '' && next !== null ? ` It is refreshed in ${next} s.` : ''
    return `${who} is registered for ${left} s more.${trouble}${refresh}${note && ` But ${note}.`}`
  }
  if (state === 'registering') return `${who} is being registered: the answer is awaited.${why}`
  if (state === 'unregistering') return `${who} is being unregistered.${why}`
  if (state === 'idle') return `${who} has not been registered yet.${why}${again}`
  return `${who} is not registered${state === 'disabled' ? ', and nothing is tried' : ''}.${why}${again}`
}

/** The first that fits. */
const advices: readonly (readonly [RegExp, (trunk: TrunkDescription) => string])[] = [
  [
    /realms do not match/,
    ({ asked_realm: asked, realm }) =>
      `The row says realm ${JSON.stringify(realm)}, the carrier ${JSON.stringify(asked)}: set realm to ${JSON.stringify(asked)}, or leave it empty to take whatever the carrier asks for.`,
  ],
  [
    /were rejected/,
    ({ auth_username: user, auth_ha1: ha1 }) =>
      `The carrier knows ${JSON.stringify(user)} by another password: check auth_username and ${ha1 === 'none' ? 'auth_password' : 'auth_ha1 (it holds for one realm only)'}.`,
  ],
  [
    /have no ha1 for/,
    () => 'auth_ha1 is MD5, and the carrier asks for another algorithm: set auth_password and empty auth_ha1.',
  ],
  [
    /its row cannot be used/,
    () => 'Correct the row in uacreg: it is read again by itself, or at once by: signalbox ctl uac.reg_reload',
  ],
  [
    /did not answer/,
    ({ auth_proxy: proxy }) =>
      `Nothing came back from ${proxy}: check auth_proxy, the firewall, and whether UDP gets there and back.`,
  ],
  [
    /could not be sent/,
    ({ auth_proxy: proxy }) =>
      `${proxy} cannot be reached from here: check its name, and which of our sockets gets there.`,
  ],
  [
    /lists \d+ bindings?, and none is ours|lists no binding/,
    () =>
      'The registrar said yes and bound nothing of ours: it may limit how many may register, or want another Contact (contact_addr, contact_user).',
  ],
  [/granted 0 seconds/, () => 'The registrar said yes and granted no time: ask the carrier.'],
  [/^423/, () => 'The registrar wants longer registrations: set expires to what it names.'],
  [
    /^403/,
    () =>
      'The carrier forbids it: it may have locked the account, want another r_username or r_domain, or know our address as blocked.',
  ],
  [/^404/, () => 'The carrier does not know the account: check r_username and r_domain.'],
  [/onLocal dropped/, () => 'Your onLocal drops REGISTERs: let them pass.'],
  [/by the flags of its row/, () => 'Bit 1 of flags disables it: set flags to 0.'],
  [/^expires is 0/, () => 'Set expires to the seconds to register for, such as 600.'],
  [/by command/, ({ l_uuid: uuid }) => `Take it back with: signalbox ctl uac.reg_enable l_uuid ${uuid}`],
  [
    /^\d{3}: .*(challenge|scheme|algorithm|qop)/,
    () => 'The carrier asks for credentials in a way that is not known here.',
  ],
  [/^5\d\d/, () => 'The carrier has trouble of its own: it is tried again.'],
  [/^[346]\d\d/, () => 'The carrier refused: ask it why, with the answer above.'],
]

function adviceFor(trunk: TrunkDescription): string {
  const { reason, state } = trunk
  const found = advices.find(([pattern]) => pattern.test(reason))?.[1](trunk)
  const isStuck = state === 'disabled' && reason !== '' && !/by command|row cannot|flags/.test(reason)
  const enable = isStuck ? ` Then: signalbox ctl uac.reg_enable l_uuid ${trunk.l_uuid}` : ''
  return (found ?? '') + enable
}
