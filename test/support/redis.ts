import { afterAll } from 'vitest'
import { type RedisServer, startRedis } from '#infra/redis.ts'

/** An empty Redis for one test file, ended with it; await it at the top of the file. Throws where there is no redis-server. */
export async function createTestRedis(): Promise<RedisServer> {
  const redis = await startRedis()
  afterAll(() => redis.stop())
  return redis
}
