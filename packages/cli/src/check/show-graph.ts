/** The route graph as text and as Mermaid. */
import type { ActionNode, Graph, RouteNode } from './graph.ts'

export function graphText({ routes }: Graph): string {
  return routes.map((route) => [head(route), ...body(route)].join('\n')).join('\n\n')
}

function head(route: RouteNode): string {
  return `${titleOf(route)}  ${route.at}${route.reached ? '' : '  (not reached)'}`
}

function body({ actions, functions }: RouteNode): string[] {
  const own = actions.map((action) => `  ${actionText(action)}`)
  const others = functions.flatMap(({ name, at, actions: inner }) => [
    `  ${name}()  ${at}`,
    ...inner.map((action) => `    ${actionText(action)}`),
  ])
  return [...own, ...others]
}

function actionText(action: ActionNode): string {
  return [
    said(action),
    action.at,
    ...action.arms.map(({ option, names, computed }) => `${option} ${namesText(names, computed)}`),
  ].join('  ')
}

function said({ action, target }: ActionNode): string {
  return target === undefined ? action : `${action} ${target}`
}

function namesText(names: readonly string[], computed: boolean): string {
  return [...names, ...(computed ? ['(computed)'] : [])].join(' | ')
}

function titleOf({ registrar, name }: RouteNode): string {
  return name === '' ? registrar : `${registrar} ${name ?? '(computed)'}`
}

/** Routes are boxes, targets are round, and what is armed hangs on a dotted line. */
export function graphMermaid({ routes }: Graph): string {
  const lines = ['flowchart LR']
  const idOf = (route: RouteNode) => `r${routes.indexOf(route)}`
  let targets = 0
  for (const route of routes) lines.push(`  ${idOf(route)}["${escaped(titleOf(route))}<br/>${escaped(route.at)}"]`)
  for (const route of routes) {
    const id = idOf(route)
    const ways = [...route.actions.map((action) => ({ action, by: '' })), ...viaFunctions(route)]
    for (const { action, by } of ways) {
      const target = `t${targets++}`
      lines.push(
        `  ${id} -->${by && `|"${escaped(by)}"|`} ${target}(["${escaped(said(action))}<br/>${escaped(action.at)}"])`,
      )
      for (const { option, names } of action.arms)
        for (const armed of routes.filter(
          (each) => each.registrar === option && each.name !== null && names.includes(each.name),
        ))
          lines.push(`  ${target} -.->|${option}| ${idOf(armed)}`)
    }
  }
  return lines.join('\n')
}

function viaFunctions({ functions }: RouteNode): { action: ActionNode; by: string }[] {
  return functions.flatMap(({ name, actions }) => actions.map((action) => ({ action, by: `${name}()` })))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
