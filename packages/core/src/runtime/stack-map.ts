/**
 * From positions in a bundle to lines of the user's TypeScript. Node maps no stack of code compiled this way, so it is done here, when
 * something is reported: never on the path of a call.
 */
import { SourceMap } from 'node:module'
import path from 'node:path'

/** A place in the user's sources; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export class StackMap {
  readonly #filename: string
  readonly #root: string
  readonly #json: string
  #map: SourceMap | undefined

  /** `filename` is what the bundle was compiled as; places are shown relative to `root`. */
  constructor(filename: string, json: string, root: string) {
    this.#filename = filename
    this.#json = json
    this.#root = root
  }

  /** The first place in the user's sources that a stack names, leaving out the dsl's own files. */
  placeOf(stack: string): Place | undefined {
    for (const match of stack.matchAll(this.#frames())) {
      const place = this.find(Number(match[1]), Number(match[2]))
      if (place !== undefined && !isDsl(place.file)) return place
    }
    return undefined
  }

  /** The stack with the user's lines in place of the bundle's. */
  mapStack(stack: string): string {
    return stack.replace(this.#frames(), (frame, line: string, column: string) => {
      const place = this.find(Number(line), Number(column))
      return place === undefined ? frame : format(place)
    })
  }

  /** `routes/main.ts:4:9`, or undefined. */
  where(stack: string): string | undefined {
    const place = this.placeOf(stack)
    return place && format(place)
  }

  /** Where a position of the bundle comes from; both count from 1. */
  find(line: number, column: number): Place | undefined {
    this.#map ??= new SourceMap(JSON.parse(this.#json))
    const entry = this.#map.findEntry(line - 1, column - 1)
    if (!('originalSource' in entry) || !entry.originalSource) return undefined
    const file = path.relative(this.#root, path.resolve(this.#root, entry.originalSource.replace(/^file:\/\//, '')))
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }

  #frames(): RegExp {
    return new RegExp(this.#filename.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + ':(\\d+):(\\d+)', 'g')
  }
}

function format({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

function isDsl(file: string): boolean {
  return /(^|[\\/])(@signalbox|packages)[\\/]dsl[\\/]/.test(file)
}
