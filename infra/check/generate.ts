import { runEach } from './run-each.ts'

runEach([
  ['drizzle-kit', 'generate'],
  ['node', 'openapi/generate.ts'],
  ['node', 'proto/generate.ts'],
])
