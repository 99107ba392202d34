import path from 'node:path'

/** The parts of vitest's JSON report that are read here. https://vitest.dev/guide/reporters#json-reporter */
export interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { name: string; assertionResults: TestResult[] }[]
}

interface TestResult {
  fullName: string
  status: string
  failureMessages: string[]
}

const resultsOf = ({ testResults }: Pick<Report, 'testResults'>) => testResults.flatMap((file) => file.assertionResults)

/** Tests that passed on another try found a race: they are not to be overlooked. */
export const retriedTests = (report: Pick<Report, 'testResults'>): TestResult[] =>
  resultsOf(report).filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)

/** How many tests against libvirt and QEMU passed. */
export function passedLiveTests({ testResults }: Pick<Report, 'testResults'>): number {
  const live = testResults.filter(({ name }) => name.includes(`${path.sep}test${path.sep}live${path.sep}`))
  return resultsOf({ testResults: live }).filter(({ status }) => status === 'passed').length
}

/**
 * Why a run of all tests in CI proves less than it says, though none failed; empty where it does not. A live test skips
 * itself where there is no libvirt, or where a package is not installed, and CI installs what they need.
 */
export function unprovenInCi(report: Pick<Report, 'testResults'>): string[] {
  if (passedLiveTests(report) === 0) return ['The live suite did not run: it must in CI (the skipped tests say why)']
  const wanting = resultsOf(report).filter(
    ({ status, fullName }) => status !== 'passed' && /skipped: .*\bnot installed\b/.test(fullName),
  )
  return wanting.map(({ fullName }) => `Skipped, which it must not be in CI: ${fullName}`)
}
