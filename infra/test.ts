import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { consoleProgress } from './progress.ts'
import { installTestPackages } from './setup/machine.ts'

/** The parts of vitest's JSON report that are read here. https://vitest.dev/guide/reporters#json-reporter */
interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { name: string; assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[]
}

const args = process.argv.slice(2)
await installTestPackages(consoleProgress())

const directory = await mkdtemp(path.join(tmpdir(), 'quantix-report-'))
const reportFile = path.join(directory, 'report.json')
const status = await runVitest(['run', '--reporter=default', '--reporter=json', `--outputFile=${reportFile}`, ...args])
const report: Report | null = await readFile(reportFile, 'utf8').then(JSON.parse, () => null)
await rm(directory, { recursive: true })

process.exitCode = status
if (report) {
  // A part alone, or files by name, need not hold live tests.
  if (args.length === 0) requireLiveTests(report)
  nameRetried(report)
  const skipped = report.numPendingTests + report.numTodoTests
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`)
}

/** A test that passed on another try found a race: it is not to be overlooked. */
function nameRetried({ testResults }: Report): void {
  for (const { fullName, status, failureMessages } of testResults.flatMap((file) => file.assertionResults)) {
    if (status === 'passed' && failureMessages.length > 0) {
      console.log(`Passed only on another try: ${fullName}\n  ${failureMessages[0]?.split('\n')[0]}`)
    }
  }
}

/** Live tests skip themselves where there is no libvirt; in CI that would be a green run that proved nothing. */
function requireLiveTests(report: Report): void {
  const live = report.testResults.filter(({ name }) => name.includes(`${path.sep}test${path.sep}live${path.sep}`))
  const passed = live.flatMap((file) => file.assertionResults).filter((result) => result.status === 'passed').length
  console.log(`\nLive tests against libvirt and QEMU: ${passed} passed`)
  if (passed > 0 || !process.env.CI) return
  console.log('The live suite did not run: it must in CI (the skipped tests say why)')
  process.exitCode = 1
}

function runVitest(vitestArgs: string[]): Promise<number> {
  // Tests have databases, queues and hypervisors of their own: the user's are none of their business.
  const settings = /^(QUANTIX_.*|DATABASE_URL|REDIS_URL)$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)))
  const child = spawn('vitest', vitestArgs, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
