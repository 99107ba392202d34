import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { checkLockfile } from './lockfile.ts'
import { checkMigrations } from './migrations.ts'

const run = promisify(execFile)

/** Resolves with what is wrong, empty when nothing is. */
type Check = () => Promise<string>

const command =
  (name: string, ...args: string[]): Check =>
  () =>
    run(name, args, { maxBuffer: 64 * 1024 * 1024 }).then(
      () => '',
      (error) => `${error.stdout ?? ''}${error.stderr ?? ''}` || String(error),
    )

const checks: Record<string, Check> = {
  'format and lint': command('biome', 'check', '--error-on-warnings', '--colors=off', '--max-diagnostics=50', '.'),
  types: command('tsc', '--project', '.'),
  'types of the console': command('tsc', '--project', 'web'),
  'unused code': command('knip', '--no-progress'),
  'openapi.json and SDK up to date': command('node', 'openapi/generate.ts', '--check'),
  'proto files': command('buf', 'lint', 'proto'),
  'proto files read what was released': command('buf', 'breaking', 'proto', '--against', 'proto/released.binpb'),
  'types of the proto files up to date': command('node', 'proto/generate.ts', '--check'),
  'migrations up to date': checkMigrations,
  lockfile: checkLockfile,
}

let failures = 0
const running = Object.entries(checks).map(([title, check]) => ({ title, found: check() }))
for (const { title, found } of running) {
  const problems = (await found).trim()
  console.log(`${problems === '' ? '✓' : '✗'} ${title}`)
  if (problems === '') continue
  failures++
  console.log(`${problems.replace(/^/gm, '    ')}\n`)
}
if (failures > 0) {
  console.log(
    `${failures} of ${running.length} checks failed. npm run fix repairs format and imports, npm run generate what is generated.`,
  )
  process.exitCode = 1
} else {
  console.log(`All ${running.length} checks passed`)
}
