/** Calls whose From or To is replaced, and what each side reads of them. */
import {
  answer,
  Dialog,
  simulate,
  type Behaviour,
  type SimulateOptions,
  type Simulation,
} from '@signalbox/core/testing'
import { expect } from 'vitest'
import { BOB, CARRIER, header, PHONE, sentTo } from './wire.ts'

export const ALICE = '"Alice Liddell" <sip:alice@wonderland.example>'
export const TO_BOB = `"Bob the Builder" <${BOB}>`
export const ROBIN = { display: 'Robin', uri: 'sip:robin@gotham.org' }
export const BATMAN = { display: 'The "Bat"', uri: 'sip:batman@gotham.org;user=phone' }

export interface Asked {
  from?: unknown
  to?: unknown
  /** How Alice writes her name. */
  caller?: string
  carrier?: Behaviour
  options?: SimulateOptions
}

/** The routes of `identity.ts`, a phone and a carrier. */
export async function identityNet(asked: Asked = {}) {
  const net = await simulate({ routes: 'test/scenarios/routes/identity.ts', ...asked.options })
  const carrier = net.uas(CARRIER, asked.carrier ?? answer())
  const phone = net.uac(PHONE)
  const headers = {
    ...(asked.from !== undefined && { 'X-From': JSON.stringify(asked.from) }),
    ...(asked.to !== undefined && { 'X-To': JSON.stringify(asked.to) }),
  }
  return { net, carrier, phone, invite: { from: asked.caller ?? ALICE, to: TO_BOB, headers } }
}

/** The same, with a call that is answered. */
export async function replacedCall(asked: Asked = {}) {
  const { net, carrier, phone, invite } = await identityNet(asked)
  const call = await phone.invite(BOB, invite)
  expect(call).toBeAnsweredWith(200)
  return { net, carrier, phone, call, callee: carrier.dialogs[0]! }
}

/** Without the tag. */
export function nameOf(wire: string, name: string): string {
  return header(wire, name)!.replace(/;tag=.*$/, '')
}

/** From and To, without their tags. */
export function names(wire: string): [from: string, to: string] {
  return [nameOf(wire, 'From'), nameOf(wire, 'To')]
}

/** Of the last message of this kind that went there. */
export function namesOf(net: Simulation, address: string, start: string): [from: string, to: string] {
  return names(sentTo(net, address, start).at(-1)!)
}

/** The tags of From and To. */
export function tags(wire: string): (string | undefined)[] {
  return ['From', 'To'].map((name) => /;tag=([^;]+)/.exec(header(wire, name)!)?.[1])
}

/** The parameter of the Record-Route in a message. */
export function sealOf(wire: string, name = 'vsf'): string | undefined {
  return new RegExp(`^Record-Route:.*;${name}=([^;>]+)`, 'im').exec(wire)?.[1]
}

/** One side's dialog, with its Route written anew. */
export function withRoute(dialog: Dialog, change: (route: string) => string): Dialog {
  return dialog.with({ routes: dialog.routes.map(change) })
}
