/** Interfaces that a project extends by `declare module '@signalbox/dsl'`. */

/**
 * The names of the routes in this project. The command line tool fills it; while it is empty, any string is a name.
 *
 * @example
 * declare module '@signalbox/dsl' { interface Register { failure: 'TRUNKAUTH' | 'BUSY'; reply: 'STAMP' } }
 */
export interface Register {}

/**
 * Variables of a transaction, shared by its routes.
 *
 * @example
 * declare module '@signalbox/dsl' { interface Vars { account?: string } }
 */
export interface Vars {}

/** A route's name of that kind: one of those registered, or any string while the register is empty. */
export type NameOf<Kind extends string> = Register extends Record<Kind, infer Name extends string> ? Name : string
