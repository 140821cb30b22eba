/** A phone behind NAT is bound where its REGISTER came from. What is edited after `save` comes too late. */
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, registrar }) => {
  const { contact, source } = req
  if (contact)
    req.headers.set('Contact', `<${contact.uri.with({ host: source.address, port: source.port }).toString()}>`)
  req.headers.set('Expires', '120')
  const saving = registrar.save()
  req.headers.set('Contact', '<sip:late@192.0.2.9>')
  return saving
})
