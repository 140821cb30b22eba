/** A name that no route has is a type error, thanks to the register. It is told as the rule would, so that it says what to write instead. */
import type { Finding } from './findings.ts'
import type { Arming, Model } from './model.ts'
import { armings } from './rules/route-names.ts'
import { adviceOn, textOn, unknownName, unknownRoute } from './rules/unknown-route.ts'
import { pageOf } from './rules/rules.ts'

/** What TypeScript says of a value that does not fit. */
const misfits = ['TS2322', 'TS2345', 'TS2769', 'TS2820']

export function adviseOnNames(types: readonly Finding[], model: Model): Finding[] {
  const unknown = armings(model).flatMap((arming) => {
    const name = unknownName(arming, model)
    return name === undefined ? [] : [{ arming, name }]
  })
  return types.map((finding) => {
    const found = unknown.find(({ arming }) => misfits.includes(finding.code) && isAt(finding, arming))
    if (!found) return finding
    const { id } = unknownRoute
    const { name, arming } = found
    const [text, hint] = [textOn(name, arming), adviceOn(name, arming, model)]
    return { ...finding, ...arming.place, id, page: pageOf(id), text, hint }
  })
}

/** The compiler points at the option, we at its value. */
function isAt({ file, line, column = 0 }: Finding, { place }: Arming): boolean {
  return file === place.file && line === place.line && column <= place.column && column >= place.column - 20
}
