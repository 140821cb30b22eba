/** What becomes of many measured values: middles, percentiles, a straight line through points. */

export function median(values) {
  const sorted = ascending(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The value that this share of all lies below; 1 is the greatest. 0 where there are no values. */
export function percentile(values, share) {
  const sorted = ascending(values)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export const percentiles = (values) => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
})

/**
 * The straight line through `[x, y]` points by least squares: its slope, and how far from it the true one may be, either way, in nineteen
 * cases of twenty. Undefined for fewer than three points: they do not tell a line from noise.
 */
export function regression(points) {
  const { length } = points
  if (length < 3) return undefined
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / length
  const [meanX, meanY] = [mean(0), mean(1)]
  const sum = (value) => points.reduce((total, point) => total + value(point), 0)
  const width = sum(([x]) => (x - meanX) ** 2)
  const slope = sum(([x, y]) => (x - meanX) * (y - meanY)) / width
  const rest = sum(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2)
  return { slope, spread: studentT(length - 2) * Math.sqrt(rest / (length - 2) / width) }
}

/** The lowest of every `size` points in a row: what garbage lies on top of does not count. Of what is left over at the end, nothing. */
export function windowMinima(points, size) {
  const windows = Array.from({ length: Math.floor(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size),
  )
  return windows.map((window) => window.reduce((least, point) => (point[1] < least[1] ? point : least)))
}

/** The two-sided 95 % point of Student's distribution, to 1 % from 3 degrees of freedom on. */
function studentT(degrees) {
  const few = [12.71, 4.3, 3.18, 2.78]
  return few[degrees - 1] ?? 1.96 + 2.37 / degrees + 3.2 / degrees ** 2
}

function ascending(values) {
  return Array.from(values).toSorted((a, b) => a - b)
}
