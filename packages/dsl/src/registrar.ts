/** The registrar of contexts. Types only. */

/** Where the phones are: the proxy's own registrar and its location table. */
export interface Registrar {
  /**
   * Takes the REGISTER as the route has left it, and answers it (RFC 3261 §10.3): a final action, like `reply`.
   *
   * @example
   * if (req.method === 'REGISTER') return registrar.save()
   *
   * On the wire: 200 with every contact of the address in To and the seconds it has left; 400 for a Contact that cannot be read or a `*` that is not alone
   * with Expires 0, 403 beyond `registrar.maxContacts`, 404 for a To that is nobody's address, 420 for an extension that it requires, 423 with Min-Expires
   * for a time below `registrar.minExpires`, 500 for a CSeq that is not higher than the last of its Call-ID, 503 beyond `limits.bindings`. A REGISTER is
   * taken as a whole or not at all. It says nothing of who may register: check that before.
   *
   * Contacts outlive reloads, and a restart by the table `location` of the database, which is written shortly after the answer. Rejects with
   * `SignalboxError` `NOT_REGISTER` for another method; nothing is sent then.
   */
  save(): Promise<void>
  /**
   * Finds the contacts of the Request-URI as it stands, and makes them the targets of `relay()` without `to` (RFC 3261 §16.5).
   *
   * @example
   * if (await registrar.lookup()) return relay()
   * reply(404)
   *
   * On the wire: each branch has its contact as the Request-URI; the highest q goes first, those of equal q (1 where a phone said none) at once, the next
   * when all before have failed; at most `limits.branches`. Whoever changes `req.ruri` afterwards is done with what was found. Resolves with false when
   * nobody is registered there.
   */
  lookup(): Promise<boolean>
}
