/** A reload that nobody waits for, such as that of SIGHUP: the server logs that it is live, this that it was refused. */
import type { Server } from '@signalbox/core'
import { SignalboxError, type Problem } from '@signalbox/core/build'
import { problemsOf } from './output.ts'

export async function reloadAndLog(server: Server): Promise<void> {
  try {
    await server.reload()
  } catch (error) {
    if (!(error instanceof SignalboxError)) server.log.error(`reload refused: ${String(error)}`)
    else for (const problem of problemsOf(error)) server.log.error(`reload refused: ${oneLine(problem)}`)
  }
}

function oneLine({ text, file, line, column }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return place ? `${place}: ${text}` : text
}
