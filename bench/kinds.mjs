/** The kinds of traffic that are measured: what SIPp plays on each side, and what the proxies are told to do about it. */
export const kinds = new Map([
  ['plain', { title: 'a call: INVITE, ACK, BYE', uac: 'uac', uas: 'uas', routes: 'main' }],
  ['407', { title: 'a call that the carrier challenges', uac: 'uac', uas: 'uas_auth', routes: 'main' }],
  [
    'anonymous',
    { title: 'a call with From replaced', uac: 'uac', uas: 'uas', routes: 'anonymous', define: 'ANONYMOUS' },
  ],
  ['dialog', { title: 'a call with INFO, UPDATE and re-INVITE', uac: 'uac_dialog', uas: 'uas_dialog', routes: 'main' }],
  [
    'register',
    { title: 'a phone: four REGISTERs', uac: 'uac_register', uas: 'uas', routes: 'register', define: 'REGISTRAR' },
  ],
])

/** Those of which whole calls go through the stack without sockets, too: `micro-peers.mjs`. */
export const callKinds = ['plain', '407', 'register', 'dialog']
