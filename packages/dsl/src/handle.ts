/** How routes name each other. */

export type RouteKind = 'request' | 'inDialog' | 'failure'

/** What `onFailure` returns: accepted wherever its name is. */
export interface RouteHandle<Kind extends RouteKind = RouteKind> {
  readonly kind: Kind
  readonly name: string
}
