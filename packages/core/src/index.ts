/** What the command line tool and other programs start a proxy with. */
export { parseConfig, type ResolvedConfig } from './config/config.ts'
export { SignalboxError, codes, type ErrorCode, type Problem } from './errors.ts'
export { createServer, type Server, type ServerObserver, type ServerOptions } from './server.ts'
export type { GenerationEnd, GenerationInfo } from './runtime/generation.ts'
export type { GenerationSettings, Incoming } from './runtime/settings.ts'
export type { IncomingRoutes, Reloaded } from './running-config.ts'
export type { TrunkDescription } from './trunks/describe.ts'
export type { Explanation } from './trunks/explain.ts'
