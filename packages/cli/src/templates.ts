/**
 * The project templates: where they are, which there are, and how one becomes a project. A template is what differs; what every project has
 * is in `scaffold/`, and package.json is made here, so that it asks for the very versions that made it.
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { manifest } from './version.ts'

const scaffold = fileURLToPath(new URL('../scaffold', import.meta.url))

/** Packed with this package, or the repository's own. */
function templatesFolder(): string {
  const candidates = ['../templates', '../../../templates'].map((to) => fileURLToPath(new URL(to, import.meta.url)))
  return candidates.find((folder) => existsSync(folder)) ?? candidates[0]!
}

export async function templateNames(): Promise<string[]> {
  const entries = await readdir(templatesFolder(), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** Name → what it does, which is the title of its README.md. Help is shown whether or not there are any. */
export async function templateTitles(): Promise<Map<string, string>> {
  const names = existsSync(templatesFolder()) ? await templateNames() : []
  return new Map(await Promise.all(names.map(async (name) => [name, await titleOf(name)] as const)))
}

async function titleOf(name: string): Promise<string> {
  const readme = path.join(templatesFolder(), name, 'README.md')
  return existsSync(readme) ? (/^# (.+)/.exec(await readFile(readme, 'utf8'))?.[1] ?? '') : ''
}

/** `dir` is empty or does not exist. */
export async function copyTemplate(name: string, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await cp(scaffold, dir, { recursive: true })
  await cp(path.join(templatesFolder(), name), dir, { recursive: true, filter: isSource })
  // npm leaves a file of that name out of a package.
  await rename(path.join(dir, 'gitignore'), path.join(dir, '.gitignore'))
  await writeFile(path.join(dir, 'package.json'), `${JSON.stringify(projectManifest(dir), null, 2)}\n`)
}

/** Using a template in place leaves these. */
function isSource(file: string): boolean {
  const name = path.basename(file)
  return !['node_modules', '.signalbox'].includes(name) && !name.startsWith('signalbox.db')
}

function projectManifest(dir: string): object {
  const { version, dependencies, engines } = manifest()
  return {
    name: packageName(path.basename(dir)),
    private: true,
    type: 'module',
    engines,
    scripts: {
      start: 'signalbox start',
      dev: 'signalbox dev',
      check: 'signalbox check',
      build: 'signalbox build',
      test: 'signalbox test',
    },
    dependencies: { '@signalbox/cli': version, '@signalbox/core': version, '@signalbox/dsl': version },
    devDependencies: { '@types/node': dependencies['@types/node'], vitest: dependencies['vitest'] },
  }
}

/** npm's names are in lower case, without spaces, and of 214 characters at most. */
function packageName(name: string): string {
  return (
    name
      .normalize('NFKD')
      .replace(/\p{Mark}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9._~-]+/g, '-')
      .replace(/^[._-]+/, '')
      .slice(0, 214) || 'signalbox-project'
  )
}
