/**
 * What docs/conformance.md lists: the clauses that a proxy has to obey, each in a few words, and what is not done or done otherwise. Every
 * clause of the first table has tests that cite it; a clause that a test cites stands here.
 */

export const chapters = [
  {
    title: 'RFC 3261 §9: CANCEL',
    clauses: {
      'RFC 3261 §9.1': 'A CANCEL goes where its INVITE went, after a provisional and never after a final response.',
      'RFC 3261 §9.2': 'It is answered 200, and what it is about 487; one that matches nothing 481.',
    },
  },
  {
    title: 'RFC 3261 §10: the registrar',
    clauses: {
      'RFC 3261 §10.3': 'What becomes of a REGISTER.',
      'RFC 3261 §10.3 step 2': 'Require: 420.',
      'RFC 3261 §10.3 step 5': 'The address-of-record, and its canonical form.',
      'RFC 3261 §10.3 step 6': '* removes all, with Expires 0 and alone.',
      'RFC 3261 §10.3 step 7': 'How long, in which order, and all or nothing.',
      'RFC 3261 §10.3 step 8': 'All contacts with the time they have left.',
    },
  },
  {
    title: 'RFC 3261 §10.2: registrations of our own',
    clauses: {
      'RFC 3261 §10.2': 'REGISTER: the domain as Request-URI, the account as From and To, one Call-ID, CSeq rising.',
      'RFC 3261 §10.2.1.1': 'How long: the parameter of our Contact, then Expires, then what was asked.',
      'RFC 3261 §10.2.2': 'Withdrawn with Expires: 0.',
      'RFC 3261 §10.2.4': 'Refreshed before it lapses.',
      'RFC 3261 §10.2.8': '423: the interval it names, at once.',
    },
  },
  {
    title: 'RFC 3261 §16: the proxy',
    clauses: {
      'RFC 3261 §16.2': 'A stateful proxy: an INVITE is answered 100 at once, one transaction each way.',
      'RFC 3261 §16.3': 'What a request must pass before it is routed.',
      'RFC 3261 §16.3 step 1': 'Reasonable syntax.',
      'RFC 3261 §16.3 step 2': 'A URI scheme that is known: else 416.',
      'RFC 3261 §16.3 step 3': 'Max-Forwards: 483 at 0.',
      'RFC 3261 §16.3 step 4': 'Loops: 482.',
      'RFC 3261 §16.3 step 5': 'Proxy-Require: 420.',
      'RFC 3261 §16.4': 'Our own Route comes off; strict routers are undone; a maddr of ours goes.',
      'RFC 3261 §16.5': 'The targets: of the request, of the route, or the contacts that are registered.',
      'RFC 3261 §16.6': 'Forwarding: a copy for each target, in parallel or in order.',
      'RFC 3261 §16.6 step 1': 'A copy; the request itself stays as it came.',
      'RFC 3261 §16.6 step 2': 'The Request-URI of the target.',
      'RFC 3261 §16.6 step 3': 'Max-Forwards counts down, or begins at 70.',
      'RFC 3261 §16.6 step 4': 'Record-Route.',
      'RFC 3261 §16.6 step 5': 'Further header fields.',
      'RFC 3261 §16.6 step 6': 'A strict router as next hop.',
      'RFC 3261 §16.6 step 7': 'The next hop: address, port, transport.',
      'RFC 3261 §16.6 step 8': 'A Via with a branch of its own.',
      'RFC 3261 §16.6 step 10': 'Each copy in a client transaction of its own.',
      'RFC 3261 §16.6 step 11': 'Timer C.',
      'RFC 3261 §16.7': 'What becomes of responses.',
      'RFC 3261 §16.7 step 1': 'The response context, or none.',
      'RFC 3261 §16.7 step 2': 'Timer C begins anew with a provisional response.',
      'RFC 3261 §16.7 step 3': 'Our Via comes off.',
      'RFC 3261 §16.7 step 4': 'The response joins the context; a 100 goes no further.',
      'RFC 3261 §16.7 step 5': 'Provisional and 2xx at once; a 6xx ends the search.',
      'RFC 3261 §16.7 step 6': 'The best of the others when all have ended; a 503 is our 500.',
      'RFC 3261 §16.7 step 7': 'The challenges of all 401 and 407.',
      'RFC 3261 §16.7 step 9': 'Upstream, through the server transaction.',
      'RFC 3261 §16.7 step 10': 'Who is still asked is cancelled.',
      'RFC 3261 §16.8': 'Timer C fires: CANCEL, and a 408.',
      'RFC 3261 §16.9': 'Transport errors count as 503.',
      'RFC 3261 §16.10': 'CANCEL reaches every pending branch.',
      'RFC 3261 §16.11': 'Without state: the ACK to a 2xx.',
      'RFC 3261 §16.12': 'Requests within a dialog follow their Route.',
    },
  },
  {
    title: 'RFC 3261 §17: transactions',
    clauses: {
      'RFC 3261 §17': 'The four machines, whatever comes in whatever order.',
      'RFC 3261 §17.1': 'Client transactions.',
      'RFC 3261 §17.1.1': 'INVITE client: the machine.',
      'RFC 3261 §17.1.1.2': 'INVITE client: timers A, B, D.',
      'RFC 3261 §17.1.1.3': 'The ACK to a failure.',
      'RFC 3261 §17.1.2': 'Non-INVITE client: the machine.',
      'RFC 3261 §17.1.2.2': 'Non-INVITE client: timers E, F, K.',
      'RFC 3261 §17.1.3': 'Which transaction a response belongs to.',
      'RFC 3261 §17.1.4': 'Transport errors of a client.',
      'RFC 3261 §17.2': 'Server transactions.',
      'RFC 3261 §17.2.1': 'INVITE server: timers G, H, I.',
      'RFC 3261 §17.2.2': 'Non-INVITE server: timer J.',
      'RFC 3261 §17.2.3': 'Which transaction a request belongs to.',
      'RFC 3261 §17.2.4': 'Transport errors of a server.',
    },
  },
  {
    title: 'RFC 3261 §18: transport',
    clauses: {
      'RFC 3261 §18.1.1': 'Sending requests: the Via’s sent-by.',
      'RFC 3261 §18.1.2': 'Receiving responses.',
      'RFC 3261 §18.2.1': 'Receiving requests: received.',
      'RFC 3261 §18.2.2': 'Sending responses.',
      'RFC 3261 §18.3': 'Framing.',
      'RFC 3261 §18.4': 'Errors of the network.',
    },
  },
  {
    title: 'RFC 3326: Reason',
    clauses: { 'RFC 3326 §2': 'Why a call is cancelled goes on with the CANCEL, or is said by ours.' },
  },
  {
    title: 'RFC 3581: rport',
    clauses: {
      'RFC 3581 §3': 'Our requests ask for it.',
      'RFC 3581 §4': 'An answer goes where its request came from.',
    },
  },
  {
    title: 'RFC 4320: methods other than INVITE',
    clauses: { 'RFC 4320 §4.2': 'No 408 that would come too late.' },
  },
  {
    title: 'RFC 5393: loops and breadth',
    clauses: {
      'RFC 5393 §4.1': 'Loop detection before forking.',
      'RFC 5393 §4.2': 'What tells a loop from a spiral.',
      'RFC 5393 §5.3': 'Max-Breadth.',
      'RFC 5393 §5.3.3': 'Each branch has a share.',
      'RFC 5393 §6': '440 where it does not suffice.',
    },
  },
  {
    title: 'RFC 6026: 2xx to INVITE',
    clauses: {
      'RFC 6026 §7.1': 'The server transaction absorbs INVITEs and forwards 2xx for 64 × T1.',
      'RFC 6026 §7.3': 'A response without a transaction is dropped.',
      'RFC 6026 §8.4': 'INVITE client: accepted, timer M.',
      'RFC 6026 §8.5': 'INVITE server: accepted, timer L.',
    },
  },
]

/** Clause → what is missing or otherwise, and why. */
export const departures = {
  'RFC 3261 §8.2.2.2':
    'Merged requests are answered 482 only where a route is the callee: telling copies apart is a UAS’s business.',
  'RFC 3261 §10.3 step 1':
    'Which REGISTERs are for this registrar is the route’s to say: registrar.save() takes whatever it is given.',
  'RFC 3261 §10.3 step 3':
    'Who registers is not authenticated yet, nor authorized (step 4): the server side of digest is to come.',
  'RFC 3261 §10.3 step 5': 'Without a list of users every address-of-record is valid: 404 only for what cannot be one.',
  'RFC 3261 §10.3 step 7':
    'A binding is taken before the database has it: a REGISTER does not fail because the database does (RFC 3261 §10.3 asks for 500).',
  'RFC 3261 §16.3 step 6': 'Callers are not authenticated yet: the server side of digest is to come.',
  'RFC 3261 §16.6 step 7':
    'Names are looked up as A and AAAA. NAPTR, SRV and the failover between hosts (RFC 3263) come with the streams.',
  'RFC 3261 §16.6 step 9':
    'A Content-Length is passed on and not added: over UDP the datagram says where a message ends.',
  'RFC 3261 §16.7 step 8':
    'Record-Route is not rewritten in responses: where two sockets are involved, both stand in the request (RFC 5658).',
  'RFC 3261 §16.10':
    'A CANCEL that matches nothing is answered 481 and goes no further: without a transaction it would be forwarded blindly.',
  'RFC 3261 §16.11': 'Only the ACK to a 2xx is forwarded without state; a route cannot ask for it otherwise.',
  'RFC 3261 §16.12':
    'A request with a To tag and without a Route of ours is 481 unless the route names where it goes: a tag alone is no ticket.',
  'RFC 3261 §18.1.1':
    'UDP only: no TCP for large requests, no TLS, and a sips: URI is answered 500, as there is no way to send to it.',
  'RFC 3261 §18.2.2': 'A maddr in a Via is not followed: a peer could point our answers at anyone.',
  'RFC 4320 §4.1':
    'No 100 is sent to a request other than INVITE, and provisional responses to one are forwarded as they come.',
  'RFC 5393 §5.3.3':
    'A request that came without Max-Breadth and goes to one target leaves without it: nothing is split.',
}
