/** For programs that run a project themselves, as the demo does. The command line is `main.ts`. */
import '@signalbox/core/v8-flags'

export { startProject, type RunningProject, type StartOptions } from './start-project.ts'
