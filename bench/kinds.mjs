/** Calls per second at which a proxy mostly waits. */
const LIGHT = 1000

/**
 * The kinds of traffic that are measured: what SIPp plays on each side, what the proxies are told to do about it, and the calls per second that give
 * them about half a core of work.
 */
export const kinds = new Map([
  ['plain', { title: 'a call: INVITE, ACK, BYE', uac: 'uac', uas: 'uas', routes: 'main', heavy: 6000 }],
  ['407', { title: 'a call that the carrier challenges', uac: 'uac', uas: 'uas_auth', routes: 'main', heavy: 4000 }],
  [
    'anonymous',
    {
      title: 'a call with From replaced',
      uac: 'uac',
      uas: 'uas',
      routes: 'anonymous',
      define: 'ANONYMOUS',
      heavy: 3000,
    },
  ],
  [
    'dialog',
    {
      title: 'a call with INFO, UPDATE and re-INVITE',
      uac: 'uac_dialog',
      uas: 'uas_dialog',
      routes: 'main',
      heavy: 2000,
    },
  ],
  [
    'register',
    {
      title: 'a phone: four REGISTERs',
      uac: 'uac_register',
      uas: 'uas',
      routes: 'register',
      define: 'REGISTRAR',
      heavy: 4000,
    },
  ],
])

/** The rates at which a kind is measured unless others are asked for. */
export const ratesOf = (kind) => [LIGHT, kinds.get(kind).heavy]

/** Those of which whole calls go through the stack without sockets, too: `micro-peers.mjs`. */
export const callKinds = ['plain', '407', 'register', 'dialog']
