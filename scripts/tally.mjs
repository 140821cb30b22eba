/**
 * Counts what vitest's JSON report says. What a count of failed tests alone would miss counts as failed too: a file that
 * did not load, an error outside any test, a run without tests and, when strict, a test that was skipped.
 */
export function tally({ testResults }, { code, strict }) {
  const tests = testResults.flatMap((file) => file.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const failed = tests.filter((test) => test.status === 'failed')
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
  const notes = [
    ...brokenFiles(testResults),
    ...failed.map((test) => `failed: ${test.fullName}: ${reason(test)}`),
    ...skipped.map((test) => `skipped: ${test.fullName}`),
  ]
  const counted = failed.length + brokenFiles(testResults).length + (strict ? skipped.length : 0)
  if (counted > 0) return { passed, failed: counted, notes }
  if (passed === 0) return { passed, failed: 1, notes: [...notes, 'failed: no test ran'] }
  if (code !== 0) return { passed, failed: 1, notes: [...notes, `failed: vitest ended with exit code ${code}`] }
  return { passed, failed: 0, notes }
}

/** The beginning of what went wrong: the last lines of a log are often all that is kept of it. */
function reason({ failureMessages = [] }) {
  return failureMessages.join(' ').replaceAll(/\s+/g, ' ').slice(0, 600)
}

function brokenFiles(testResults) {
  return testResults
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .map((file) => `failed: ${file.name} ${file.message}`.trim())
}
