import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { tryLock } from '#infra/process-lock.ts'
import { until } from '#infra/until.ts'
import { startScript } from './script.ts'

const takeLock = (name: string) => `
import { tryLock } from '#infra/process-lock.ts'
console.log((await tryLock('${name}')) ? 'taken' : 'refused')
setInterval(() => {}, 1000)
`

test('what one process holds no other gets, until it is given back', async () => {
  const name = randomUUID()
  const lock = await tryLock(name)
  const other = startScript(takeLock(name))
  expect(await other.line()).toBe('refused')
  await lock?.release()
  expect(await (await tryLock(name))?.release()).toBeUndefined()
  await other.kill()
})

test('the lock of a process that was killed is free', async () => {
  const name = randomUUID()
  const holder = startScript(takeLock(name))
  expect(await holder.line()).toBe('taken')
  expect(await tryLock(name)).toBeNull()
  await holder.kill()
  expect(await until(async () => (await tryLock(name)) !== null, 5000)).toBe(true)
})
