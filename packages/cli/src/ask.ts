/** What `signalbox new` asks a person at a terminal: only what was not said. Loaded when somebody is there to answer. */
import { isCancel, select, text } from '@clack/prompts'
import { SignalboxError } from '@signalbox/core/build'

export interface Wanted {
  dir: string
  template: string
}

interface Questions {
  /** Name → what it does. */
  templates: ReadonlyMap<string, string>
  /** Why there can be no project in that folder. */
  whyNot: (dir: string) => { text: string } | undefined
}

/** Throws `PROJECT` when the person gives up. */
export async function askFor(said: Partial<Wanted>, { templates, whyNot }: Questions): Promise<Wanted> {
  const dir = said.dir ?? (await askForFolder(whyNot))
  return { dir, template: said.template ?? (await askForTemplate(templates)) }
}

async function askForFolder(whyNot: Questions['whyNot']): Promise<string> {
  const answer = await text({
    message: 'Which folder?',
    initialValue: 'my-proxy',
    validate: (dir = '') => (dir.trim() === '' ? 'a name is needed' : whyNot(dir.trim())?.text),
  })
  return answered(answer).trim()
}

async function askForTemplate(templates: Questions['templates']): Promise<string> {
  const options = [...templates].map(([value, hint]) => ({ value, label: value, hint }))
  return answered(await select({ message: 'What to start from?', options, initialValue: 'hello' }))
}

function answered(answer: string | symbol): string {
  if (isCancel(answer)) throw new SignalboxError('PROJECT', 'nothing was made')
  return answer as string
}
