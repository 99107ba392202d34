import { expect, test } from 'vitest'
import { poolGate } from '#worker/hypervisor/libvirt/storage/pool-gate.ts'

const notReachable = { code: 'unavailable', reason: 'POOL_NOT_REACHABLE' }

test('a pool that hangs holds up one call, nobody else, and is asked again when it has answered', async () => {
  const gate = poolGate()
  const hanging = Promise.withResolvers<string>()
  let asked = 0
  const ask = (work: () => Promise<string>) => {
    const counted = () => {
      asked++
      return work()
    }
    return gate.pass('slow', counted, 20)
  }
  await expect(ask(() => hanging.promise)).rejects.toMatchObject(notReachable)
  await expect(ask(async () => 'never asked')).rejects.toMatchObject(notReachable)
  expect(asked).toBe(1)
  expect(await gate.pass('other', async () => 'at once')).toBe('at once')
  hanging.resolve('late')
  await expect.poll(() => ask(async () => 'again').catch(() => 'not yet')).toBe('again')
})

test('what fails in time fails as it does', async () => {
  const failing = poolGate().pass('pool', () => Promise.reject(new Error('broken')))
  await expect(failing).rejects.toThrow('broken')
})
