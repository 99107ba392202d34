import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { consoleProgress } from './progress.ts'
import { installTestPackages } from './setup/machine.ts'
import { passedLiveTests, type Report, retriedTests, unprovenInCi } from './test-report.ts'

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
  for (const { fullName, failureMessages } of retriedTests(report)) {
    console.log(`Passed only on another try: ${fullName}\n  ${failureMessages[0]?.split('\n')[0]}`)
  }
  const skipped = report.numPendingTests + report.numTodoTests
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`)
}

function requireLiveTests(report: Report): void {
  console.log(`\nLive tests against libvirt and QEMU: ${passedLiveTests(report)} passed`)
  const unproven = process.env.CI ? unprovenInCi(report) : []
  for (const line of unproven) console.log(line)
  if (unproven.length > 0) process.exitCode = 1
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
