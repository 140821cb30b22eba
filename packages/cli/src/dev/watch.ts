/**
 * Says when a source file was saved. The folder of the routes is watched, so that a file which appears there is seen when a
 * build waits for it, and beyond it whatever else went into the bundle.
 */
import path from 'node:path'
import { watch } from 'chokidar'
import { settle } from './settle.ts'

export interface WatchRequest {
  routes: string
  config: string
  onSave: () => void
}

export interface Watcher {
  follow: (inputs: readonly string[] | 'everything') => void
  close: () => Promise<void>
}

/** Resolves when nothing is missed any more. */
export async function watchSources({ routes, config, onSave }: WatchRequest): Promise<Watcher> {
  const folder = path.dirname(routes)
  const watcher = watch([folder, config], { ignoreInitial: true, ignored: (file) => isForeign(file, folder) })
  let followed: ReadonlySet<string> | 'everything' = new Set([routes])
  const settled = settle((files) => {
    const matters = (file: string) => (followed === 'everything' ? !isForeign(file, folder) : followed.has(file))
    if (files.has(config) || [...files].some(matters)) onSave()
  })
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  // `all` swallows a change that follows another within 50 ms, `raw` says it; `raw` is silent about what appears in a new folder.
  watcher.on('all', (_event, file) => settled(path.resolve(file)))
  watcher.on('raw', (_event, name, at) => settled(rawPath(name, (at as { watchedPath: string }).watchedPath)))
  return {
    follow(inputs) {
      followed = inputs === 'everything' ? inputs : new Set(inputs)
      if (followed !== 'everything') watcher.add([...followed].filter((file) => !isForeign(file, folder)))
    },
    close: () => watcher.close(),
  }
}

/** Installed packages and hidden files, such as an editor's, but not a project that lies in a hidden folder. */
function isForeign(file: string, folder: string): boolean {
  return path
    .relative(folder, file)
    .split(path.sep)
    .some((part) => part === 'node_modules' || /^\.[^.]/.test(part))
}

/** What is watched is a file, which is named once more, or the folder it is in. */
function rawPath(name: string | null, watched: string): string {
  return name === null || path.basename(watched) === name ? watched : path.join(watched, name)
}
