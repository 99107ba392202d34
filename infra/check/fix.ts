import { runEach } from './run-each.ts'

runEach([['biome', 'check', '--write', '.']])
