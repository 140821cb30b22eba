// KEMI version of native.cfg
var uasuri = null
function UAS() {
  if (uasuri === null) uasuri = KSR.pv.gete('$def(UASURI)').replace(/"/g, '')
  return uasuri
}

function ksr_request_route() {
  if (KSR.maxfwd.process_maxfwd(10) < 0) {
    KSR.sl.sl_send_reply(483, 'Too Many Hops')
    return
  }
  if (KSR.is_CANCEL()) {
    if (KSR.tm.t_check_trans() > 0) KSR.tm.t_relay()
    return
  }
  if (!KSR.is_ACK()) {
    // absorb retransmissions
    if (KSR.tmx.t_precheck_trans() > 0) {
      KSR.tm.t_check_trans()
      return
    }
    if (KSR.tm.t_check_trans() === 0) return
  }
  if (KSR.siputils.has_totag() > 0) {
    if (KSR.rr.loose_route() > 0) {
      KSR.tm.t_relay()
      return
    }
    if (KSR.is_ACK()) {
      if (KSR.tm.t_check_trans() > 0) {
        KSR.tm.t_relay()
        return
      }
    }
    KSR.setdsturi(UAS())
    KSR.tm.t_relay()
    return
  }
  if (KSR.is_ACK()) {
    KSR.tm.t_check_trans()
    return
  }
  KSR.rr.record_route()
  KSR.setdsturi(UAS())
  if (KSR.is_INVITE()) KSR.tm.t_on_failure('ksr_failure_trunkauth')
  if (KSR.tm.t_relay() < 0) KSR.sl.sl_reply_error()
}

function ksr_failure_trunkauth() {
  if (KSR.tm.t_is_canceled() > 0) return
  if (KSR.tm.t_check_status('401|407') > 0) {
    KSR.pv.sets('$avp(auser)', 'test')
    KSR.pv.sets('$avp(apass)', 'test')
    if (KSR.uac.uac_auth() > 0) {
      KSR.setdsturi(UAS())
      KSR.tm.t_relay()
    }
  }
}
