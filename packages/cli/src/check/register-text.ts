/** `DIR/.signalbox/register.d.ts`: the names of the routes, for the compiler and for editors. */
import path from 'node:path'
import { armedKinds } from './model.ts'
import type { RouteNames } from './names.ts'

export function registerFile(root: string): string {
  return path.join(root, '.signalbox', 'register.d.ts')
}

/** A kind without names is `never`, so that any name is refused; one whose names are computed is left out, so that any is taken. */
export function registerText({ kinds, declared }: RouteNames): string {
  const lines = armedKinds.flatMap((kind) => {
    const names = kinds[kind]
    return names ? [`    ${kind}: ${names.map((name) => JSON.stringify(name)).join(' | ') || 'never'}`] : []
  })
  const register = declared
    ? ''
    : `declare module '@signalbox/dsl' {\n  interface Register {\n${lines.join('\n')}\n  }\n}\n\n`
  return `// Made by signalbox from the names of the routes. Changes are overwritten.\n\n${register}export {}\n`
}
