/** The messages of the microbenchmarks, as SIPp writes them in `sipp/`. */

const SDP = ['v=0', 'o=user1 53655765 2353687637 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
export const body = [...SDP, 'm=audio 6000 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', ''].join('\r\n')

/** A socket that hands what is sent to `sent`. */
export function peer(sent) {
  return {
    transport: 'udp',
    reliable: false,
    address: '127.0.0.1',
    port: 5080,
    sentBy: () => '127.0.0.1:5080',
    send: sent,
  }
}

export function request(method, i, { to = '', route = '', cseq = 1, content = '' } = {}) {
  const lines = [
    `${method} sip:service@127.0.0.1:${to ? 5090 : 5080} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-${method}-${i}-${cseq}`,
    ...(route ? [`Route: ${route}`] : []),
    `From: sipp <sip:sipp@127.0.0.1:5070>;tag=caller-1928301774-${i}`,
    `To: service <sip:service@127.0.0.1:5080>${to}`,
    `Call-ID: ${i}-1234@127.0.0.1`,
    `CSeq: ${cseq} ${method}`,
    'Contact: <sip:sipp@127.0.0.1:5070>',
    'Max-Forwards: 70',
    'Subject: Performance Test',
    'User-Agent: bench',
    ...(content ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${content.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${content}`
}

export const invite = (i) => request('INVITE', i, { content: body })
export const options = (i) => request('OPTIONS', i)

/** A phone's, for four of which `sipp/uac_register.xml` stands. */
export function register(i, cseq, expires) {
  const lines = [
    'REGISTER sip:127.0.0.1:5080 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-register-${i}-${cseq}`,
    `From: <sip:phone${i}@127.0.0.1>;tag=phone${i}`,
    `To: <sip:phone${i}@127.0.0.1>`,
    `Call-ID: ${i}-1234@127.0.0.1`,
    `CSeq: ${cseq} REGISTER`,
    `Contact: <sip:phone${i}@127.0.0.1:5070>`,
    `Expires: ${expires}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

const CHALLENGE =
  'Proxy-Authenticate: Digest realm="carrier.example", nonce="4cdbb733645816512687270b83d2ae5d", algorithm=MD5'

/** As a callee answers what the proxy has `forwarded`. */
export function answer(forwarded, status, content = '') {
  const copied = forwarded
    .split('\r\n')
    .filter((line) => /^(Via|Record-Route|From|To|Call-ID|CSeq):/.test(line))
    .map((line) => (/^To:(?!.*tag=)/.test(line) ? `${line};tag=callee-a6c85cf-1` : line))
  const [contact, type] = ['Contact: <sip:service@127.0.0.1:5090>', 'Content-Type: application/sdp']
  const own = status.startsWith('407') ? [CHALLENGE] : [contact, ...(content ? [type] : [])]
  return `${[`SIP/2.0 ${status}`, ...copied, ...own, `Content-Length: ${content.length}`].join('\r\n')}\r\n\r\n${content}`
}
