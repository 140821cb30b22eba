/** What the admin port says of a running proxy: the samples of its Prometheus text. */

export async function scrape(adminPort) {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`)
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`)
  return parseMetrics(await response.text())
}

/** `value(name)` is the sum over all labels, `value(name, 'method="BYE"')` over those that have this one. No such sample: 0. */
export function parseMetrics(text) {
  const samples = text
    .split('\n')
    .map((line) => /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/i.exec(line))
    .filter((match) => match !== null)
  return {
    /** Of a metric with one label: that label's values, each with its number. */
    by: (name) =>
      Object.fromEntries(
        samples.filter(([, of]) => of === name).map(([, , labels, value]) => [/"(.*)"/.exec(labels)[1], Number(value)]),
      ),
    value: (name, label = '') =>
      samples
        .filter(([, of, labels = '']) => of === name && labels.includes(label))
        .reduce((sum, [, , , value]) => sum + Number(value), 0),
  }
}
