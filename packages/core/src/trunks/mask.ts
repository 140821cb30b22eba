/** What may be shown of a row. */

export const MASK = '********'

/** A URI, or what was to be one, without the password in it (RFC 3261 §19.1.1): after a user, who may have an `@` of his own, up to the last `@`. */
export function withoutPassword(text: string): string {
  return text.replace(/^((?:sips?:)?(?!sips?:)[^:]*):[^]*@/i, `$1:${MASK}@`)
}
