/** RFC 3261 §21.4.2, §21.4.8: an answer with this status asks who sends, and is no verdict on the request yet. */
export function isChallenge(status: number): boolean {
  return status === 401 || status === 407
}
