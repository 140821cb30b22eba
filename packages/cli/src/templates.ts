/** The project templates: where they are, which there are, and how one becomes a project. */
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

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
  await cp(path.join(templatesFolder(), name), dir, { recursive: true, filter: isSource })
  // npm leaves a file of that name out of a package.
  if (existsSync(path.join(dir, 'gitignore'))) await rename(path.join(dir, 'gitignore'), path.join(dir, '.gitignore'))
  await nameProject(path.join(dir, 'package.json'), path.basename(dir))
}

/** Using a template in place leaves these. */
function isSource(file: string): boolean {
  return !['node_modules', '.signalbox'].includes(path.basename(file))
}

async function nameProject(file: string, name: string): Promise<void> {
  if (!existsSync(file)) return
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  await writeFile(file, `${JSON.stringify({ ...manifest, name: packageName(name) }, null, 2)}\n`)
}

/** npm's names are in lower case, without spaces. */
function packageName(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9._~-]+/g, '-')
      .replace(/^[._-]+/, '') || 'signalbox-project'
  )
}
