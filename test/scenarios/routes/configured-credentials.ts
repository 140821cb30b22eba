/** Credentials from `vars`, where the caller says so, else from the config. */
import { onFailure, onRequest } from '@signalbox/dsl'

declare module '@signalbox/dsl' {
  interface Vars {
    auser?: string
    apass?: string
    arealm?: string
  }
}

onRequest(({ req, vars, relay }) => {
  const user = req.headers.get('X-User')
  if (user !== undefined) Object.assign(vars, { auser: user, apass: `${user}-secret` })
  const realm = req.headers.get('X-Realm')
  if (realm !== undefined) vars.arealm = realm
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' })
})

onFailure('TRUNK', ({ uac, relay }) => {
  if (uac.auth()) relay()
})
