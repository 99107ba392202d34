import { expect, test } from 'vitest'
import { vmLocks } from '#worker/hypervisor/libvirt/vm-locks.ts'

test('work on one VM runs one after the other, and on two at the same time', async () => {
  const locks = vmLocks()
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = locks.exclusive('a', async () => {
    log.push('a1 begins')
    await gate.promise
    log.push('a1 ends')
    throw new Error('a1 fails')
  })
  const second = locks.exclusive('a', async () => log.push('a2'))
  await locks.exclusive('b', async () => log.push('b'))
  gate.resolve()
  await expect(first).rejects.toThrow('a1 fails')
  await second
  expect(log).toEqual(['a1 begins', 'b', 'a1 ends', 'a2'])
})

test('a check is shared, makes work wait, and is refused while work goes on', async () => {
  const locks = vmLocks()
  const gate = Promise.withResolvers<string>()
  let looks = 0
  const look = () => {
    looks++
    return gate.promise
  }
  const checks = [locks.check('a', look), locks.check('a', look)]
  let worked = false
  const work = locks.exclusive('a', async () => {
    worked = true
  })
  await expect(locks.check('b', async () => 'b')).resolves.toBe('b')
  expect(worked).toBe(false)
  gate.resolve('fine')
  expect(await Promise.all(checks)).toEqual(['fine', 'fine'])
  await work
  expect(looks).toBe(1)

  const busy = Promise.withResolvers<void>()
  const more = locks.exclusive('a', () => busy.promise)
  await expect(locks.check('a', look)).rejects.toMatchObject({ code: 'unavailable' })
  busy.resolve()
  await more
  await expect(locks.check('a', async () => 'after')).resolves.toBe('after')
})
