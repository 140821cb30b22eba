/** Answers after the registrar has, and before. */
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, registrar, reply }) => {
  if (req.ruri.user === 'before') reply(403)
  void registrar.save()
  reply(404)
})
