/** Words of a command line as RPC parameters, by the rules of Kamailio's `kamcmd`: `s:` makes a string of what looks like a number. */

/** Only what is written as a number writes itself is one: a dialled `0049…` keeps its zeros. */
export function rpcParameter(word: string): string | number {
  if (word.startsWith('s:')) return word.slice(2)
  return word !== '' && String(Number(word)) === word && Number.isFinite(Number(word)) ? Number(word) : word
}
