/** `ul.dump`: all contacts, with the field names of Kamailio's RPC of that name. */
import { toUnicode } from '../message/chars.ts'
import type { Binding } from './binding.ts'
import type { Registrar } from './registrar.ts'

const NOT_SET = '[not set]'

export function dumpLocation(registrar: Registrar): Record<string, unknown> {
  const { location } = registrar
  const now = registrar.now().clock
  const aors: unknown[] = []
  for (const bindings of location.all()) {
    const contacts = bindings.filter(({ expiresAt }) => expiresAt > now)
    if (contacts.length === 0) continue
    aors.push({
      Info: { AoR: nameOf(contacts[0]!), Contacts: contacts.map((each) => ({ Contact: fieldsOf(each, now) })) },
    })
  }
  const stats = { Records: location.aors, Contacts: location.size, Unwritten: registrar.unwritten }
  return { Domains: [{ Domain: { Domain: 'location', AoRs: aors, Stats: stats } }] }
}

function nameOf({ aor: { user, domain } }: Binding): string {
  return domain === undefined || domain === '' ? user : `${user}@${domain}`
}

function fieldsOf(binding: Binding, now: number): Record<string, unknown> {
  const { uri, q = -1, expiresAt, callId, cseq, userAgent, received, socket, ruid, instance } = binding
  return {
    Address: uri.toString(),
    Expires: Math.ceil((expiresAt - now) / 1_000),
    Q: q,
    'Call-ID': toUnicode(callId),
    CSeq: cseq,
    'User-Agent': toUnicode(userAgent) || NOT_SET,
    Received: received?.toString() ?? NOT_SET,
    Path: NOT_SET,
    Socket: socket || NOT_SET,
    Ruid: ruid,
    Instance: toUnicode(instance) || NOT_SET,
  }
}
