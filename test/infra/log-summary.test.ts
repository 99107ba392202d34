import { expect, test } from 'vitest'
import { consoleSummary } from '#infra/stack/log-summary.ts'

test.each([
  ['{"level":30,"msg":"serving"}', null],
  ['{"level":40,"msg":"the queue failed","err":{"message":"ECONNREFUSED"}}', 'warning: the queue failed: ECONNREFUSED'],
  ['{"level":50,"msg":"same","err":{"message":"same"}}', 'error: same'],
  ['{"level":50,"msg":"select *\\n  from vms"}', 'error: select * from vms'],
  ['{"level":60}', 'fatal: '],
  ['{broken', null],
  ['    at main (file.ts:1:1)', null],
])('%s is shown on the console as %s', (line, shown) => {
  expect(consoleSummary(line)).toBe(shown)
})

test('a message of any length takes one short line', () => {
  expect(consoleSummary(JSON.stringify({ level: 50, msg: 'x'.repeat(5000) }))?.length).toBeLessThan(320)
})
