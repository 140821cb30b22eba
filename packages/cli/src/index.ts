/** For programs that run a project themselves, as the demo does. The command line is `main.ts`. */
import './v8-flags.ts'

export { startProject, type RunningProject, type StartOptions } from './start-project.ts'
