/** Reads all that a route can read, and relays: to a phone that is well where it is asked for, else to a carrier that is not. */
import { onFailure, onInDialog, onRequest, type CallContext, type Response } from '@signalbox/dsl'

function read({ req }: CallContext): string {
  const { from, to, ruri, via, cseq, callId, contact, source, headers, body, bodyBytes } = req
  const names = ['Via', 'Contact', 'Route', 'Subject', 'X', 'Proxy-Require', 'Content-Type']
  const addresses = [from, to, contact].flatMap((address) => {
    return [address?.uri.user, address?.display, address?.param('tag'), address?.uri.host]
  })
  const uri = [
    ruri.user,
    ruri.password,
    ruri.host,
    ruri.port,
    ruri.param('lr'),
    ruri.toString(),
    ruri.equals('sip:a@b'),
  ]
  const others = [via.host, cseq.number, callId, source.port, body.length, bodyBytes.length]
  return [addresses, uri, others, ...names.flatMap((name) => headers.getAll(name))].join()
}

function readResponse({ status, reason, headers, body }: Response): string {
  return [status, reason, ...headers.getAll('Contact'), ...headers.getAll('WWW-Authenticate'), body].join()
}

onRequest((call) => {
  const { req, vars, relay } = call
  Object.assign(vars, { read: read(call) })
  req.headers.set('X-Read', 'all')
  if (req.ruri.user === 'good') relay({ to: 'sip:127.0.0.1:5095' })
  else relay({ to: 'sip:127.0.0.1:5090', onFailure: 'AGAIN' })
})

onInDialog((call) => {
  Object.assign(call.vars, { read: read(call) })
  if (call.req.ruri.port === 5095 || call.req.method === 'UPDATE') return
  call.relay({ to: 'sip:127.0.0.1:5090', onFailure: 'AGAIN' })
})

onFailure('AGAIN', (call) => {
  Object.assign(call.vars, { read: read(call) + readResponse(call.res) })
  if (call.res.status === 302) call.relay({ to: 'sip:127.0.0.1:5090' })
  else if ((call.res.status === 401 || call.res.status === 407) && call.uac.auth()) call.relay({ onFailure: 'AGAIN' })
})
