/** Tables as the formatter of our docs wants them, and curves of characters. */

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█'

/**
 * Bars side by side, one for each value, from zero, so that a small change looks small. The greatest value is `height` characters tall and stands at the top.
 */
export function curve(values, { height = 8, unit = '' } = {}) {
  const most = Math.max(...values, 1)
  const label = (value) => `${Math.round(value)} ${unit}`.padStart(8)
  return Array.from({ length: height }, (_, row) => {
    const below = height - row - 1
    const bars = values.map((value) => {
      const eighths = Math.round((value / most) * height * 8) - below * 8
      return EIGHTHS[Math.max(0, Math.min(8, eighths))]
    })
    return `${label((most * (below + 1)) / height)} │${bars.join('')}`.trimEnd()
  }).join('\n')
}

/** At most so many values, each the lowest of as many as it stands for. */
export function thinned(values, width) {
  const size = Math.ceil(values.length / width)
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    Math.min(...values.slice(i * size, (i + 1) * size)),
  )
}

export const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0)
