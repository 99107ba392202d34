import { completeLockfile } from './lockfile.ts'
import { runEach } from './run-each.ts'

await completeLockfile()
runEach([['biome', 'check', '--write', '.']])
