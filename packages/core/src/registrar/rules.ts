/** What a registrar allows. Each is a key of the config's `registrar`, but for `bindings`, which is one of `limits`. */

export interface RegistrarRules {
  /** Seconds for a contact that asks for no time. */
  readonly defaultExpires: number
  /** Seconds; one that asks for less gets 423. */
  readonly minExpires: number
  /** Seconds; one that asks for more gets this. */
  readonly maxExpires: number
  /** Contacts of one address-of-record. More: 403. */
  readonly maxContacts: number
  /** Whether alice@a.example and alice@b.example are two users; else the user part alone says who it is, as in Kamailio. */
  readonly useDomain: boolean
  /** Contacts of all together. More: 503. */
  readonly bindings: number
}

export const defaultRules: Omit<RegistrarRules, 'bindings'> = {
  defaultExpires: 3_600,
  minExpires: 60,
  maxExpires: 7_200,
  maxContacts: 10,
  useDomain: true,
}
