/** How routes name each other. */

export type RouteKind =
  'request' | 'inDialog' | 'branch' | 'reply' | 'branchFailure' | 'failure' | 'local' | 'event' | 'load' | 'dispose'

/** What `onFailure`, `onBranchFailure`, `onBranch` and a named `onReply` return: accepted wherever the name is. */
export interface RouteHandle<Kind extends RouteKind = RouteKind> {
  readonly kind: Kind
  readonly name: string
}
