import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '#infra/redis.ts'
import { until } from '#infra/until.ts'
import { startScript } from './script.ts'

function connect(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => null, lazyConnect: true, maxRetriesPerRequest: 0 })
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}

test('it evicts nothing, keeps nothing on the disk, and lets nobody in without the password', async () => {
  const server = await startRedis()
  onTestFinished(server.stop)
  const redis = connect(server.url)
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
  expect(await redis.config('GET', 'save')).toEqual(['save', ''])
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'no'])

  const url = new URL(server.url)
  url.password = ''
  await expect(connect(url.href).set('key', 'value')).rejects.toThrow('NOAUTH')
})

test('its password is in no argument that other users could read', async () => {
  const server = await startRedis()
  onTestFinished(server.stop)
  const pid = Number(/process_id:(\d+)/.exec(await connect(server.url).info('server'))?.[1])
  expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(new URL(server.url).password)
})

test('it ends with the process that started it, also when that one is killed', async () => {
  const starter = startScript(`
    import { startRedis } from '#infra/redis.ts'
    console.log((await startRedis()).url)
    setInterval(() => {}, 1000)
  `)
  const url = await starter.line()
  expect(await connect(url).ping()).toBe('PONG')
  await starter.kill()
  const isGone = () =>
    connect(url)
      .ping()
      .then(
        () => false,
        () => true,
      )
  expect(await until(isGone, 10_000)).toBe(true)
})
