/** The project's own files that a route file reaches by imports. A walk over syntax: nothing is type-checked for it. */
import { ts, type Project } from 'ts-morph'

export function routeFiles(project: Project, routes: string): ts.SourceFile[] {
  const options = project.compilerOptions.get()
  const cache = ts.createModuleResolutionCache(process.cwd(), (name) => name, options)
  const found = new Map<string, ts.SourceFile>()
  const pending = [routes]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const file = project.addSourceFileAtPathIfExists(name)?.compilerNode
    if (!file || found.has(file.fileName)) continue
    found.set(file.fileName, file)
    pending.push(...importsOf(file).toReversed())
  }
  return [...found.values()]

  /** The compiler knows nothing of a JavaScript file that its options exclude. */
  function isRead(file: string): boolean {
    return options.allowJs === true || options.checkJs === true || !/\.[cm]?jsx?$/.test(file)
  }

  function importsOf(file: ts.SourceFile): string[] {
    return ts.preProcessFile(file.text, true, true).importedFiles.flatMap(({ fileName }) => {
      const module = ts.resolveModuleName(fileName, file.fileName, options, ts.sys, cache).resolvedModule
      const isOwn = module && !module.isExternalLibraryImport && !module.resolvedFileName.endsWith('.d.ts')
      return isOwn && isRead(module.resolvedFileName) ? [module.resolvedFileName] : []
    })
  }
}
