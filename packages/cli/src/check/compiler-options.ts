/**
 * Compiler options: strict ones for a project without a tsconfig.json, and for every project our own copies of what it has not
 * installed, so that a config and a route file alone can be checked.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ts } from 'ts-morph'

/** Modules are resolved as the bundler does that builds them. */
export const strictOptions: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  isolatedModules: true,
  resolveJsonModule: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
}

const fallbacks = [
  '@signalbox/dsl',
  '@signalbox/core',
  '@signalbox/core/build',
  '@signalbox/core/testing',
  'vitest',
  'vitest/config',
]

export function optionsWithFallbacks(options: ts.CompilerOptions, root: string): ts.CompilerOptions {
  return {
    ...options,
    noEmit: true,
    skipLibCheck: true,
    // Routes may import JavaScript, which the bundler takes. The compiler has the two options exclude each other.
    allowJs: options.allowJs ?? options.isolatedDeclarations !== true,
    paths: withOwnPackages(options, root),
    ...withOwnNodeTypes(options, root),
  }
}

/** A path of the project's own, or a package it has installed, stays as it is. */
function withOwnPackages(options: ts.CompilerOptions, root: string): Record<string, string[]> {
  const own = fallbacks
    .filter((name) => !resolve(name, path.join(root, 'routes', 'main.ts'), options))
    .map((name) => [name, resolve(name, fileURLToPath(import.meta.url), strictOptions)] as const)
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(own.map(([name, file]) => [name, [file]])), ...options.paths }
}

function resolve(name: string, from: string, options: ts.CompilerOptions): string | undefined {
  return ts.resolveModuleName(name, from, options, ts.sys).resolvedModule?.resolvedFileName
}

/** Since TypeScript 6 no types are ambient unless they are named: a project without options of its own means Node's. */
function withOwnNodeTypes(options: ts.CompilerOptions, root: string): ts.CompilerOptions {
  const installed = ancestors(root).map((dir) => path.join(dir, 'node_modules', '@types'))
  const roots = options.typeRoots ?? installed
  const found = roots.some((dir) => existsSync(path.join(dir, 'node')))
  return { types: options.types ?? ['node'], typeRoots: found ? roots : [...roots, ...ownTypeRoots()] }
}

function ownTypeRoots(): string[] {
  const file = ts.resolveTypeReferenceDirective('node', fileURLToPath(import.meta.url), {}, ts.sys)
    .resolvedTypeReferenceDirective?.resolvedFileName
  return file ? [path.resolve(path.dirname(file), '..')] : []
}

function ancestors(dir: string): string[] {
  const parent = path.dirname(dir)
  return parent === dir ? [dir] : [dir, ...ancestors(parent)]
}
