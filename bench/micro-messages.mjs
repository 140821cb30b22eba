/** The messages of the microbenchmarks, as SIPp writes them in `sipp/`, and the two peers of a call. */

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
    `Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-${method}-${i}`,
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

/** The callee's answer to what the proxy sent it. */
export function answer(forwarded, status, content = '', lines = []) {
  const copied = forwarded
    .split('\r\n')
    .filter((line) => /^(Via|Record-Route|From|To|Call-ID|CSeq):/.test(line))
    .map((line) => (/^To:(?!.*tag=)/.test(line) ? `${line};tag=callee-a6c85cf-1` : line))
  const own = ['Contact: <sip:service@127.0.0.1:5090>', ...lines, ...(content ? ['Content-Type: application/sdp'] : [])]
  return `${[`SIP/2.0 ${status}`, ...copied, ...own, `Content-Length: ${content.length}`].join('\r\n')}\r\n\r\n${content}`
}

/** Call number `i`, to its end; how long the proxy took. `sent` is what it sent for the last message. */
export function clientSide(i, takes, sent) {
  let spent = takes(invite(i))
  const forwarded = outcome(sent, /^INVITE/)
  spent += takes(answer(forwarded, '180 Ringing'), 5090)
  spent += takes(answer(forwarded, '200 OK', body), 5090)
  const [, route] = /^Record-Route: (.*)$/m.exec(outcome(sent, /^SIP\/2\.0 200/).replaceAll('\r', ''))
  const dialog = { to: ';tag=callee-a6c85cf-1', route }
  spent += takes(request('ACK', i, dialog))
  outcome(sent, /^ACK/)
  spent += takes(request('BYE', i, { ...dialog, cseq: 2 }))
  spent += takes(answer(outcome(sent, /^BYE/), '200 OK'), 5090)
  outcome(sent, /^SIP\/2\.0 200/)
  return spent
}

function outcome(sent, pattern) {
  const found = sent().find((wire) => pattern.test(wire))
  if (found === undefined) throw new Error(`the proxy did not send ${pattern}, but: ${sent().join('\n')}`)
  return found
}
