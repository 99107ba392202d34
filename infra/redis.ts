import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { freePort } from './ports.ts'
import { spawnTied } from './tied-process.ts'

/** A Redis of our own; it keeps nothing and ends with us. */
export interface RedisServer {
  url: string
  version: string
  stop(): Promise<void>
  /** Resolves when it has ended, whoever ended it. */
  ended: Promise<void>
}

const startAttempts = 5

/**
 * Starts a private redis-server on a free loopback port with a random password: nothing on disk (the operations are in
 * Postgres, and are rung again) and no eviction, as BullMQ asks.
 * Throws when `command` cannot be run or does not come up.
 */
export async function startRedis(command = 'redis-server'): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(command, await freePort())
    } catch (error) {
      const lostPort = error instanceof Error && error.message.includes('Address already in use')
      if (!lostPort || attempt === startAttempts) throw error
    }
  }
}

async function startOnce(command: string, port: number): Promise<RedisServer> {
  const password = randomBytes(24).toString('hex')
  // The password goes through stdin: an argument would be seen by every user of the machine.
  const config = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'save ""',
    'appendonly no',
    'maxmemory-policy noeviction',
    `dir ${tmpdir()}`,
  ]
  const child = spawnTied('TERM', command, ['-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.stdin?.on('error', () => {})
  child.stdin?.end(`${config.join('\n')}\n`)

  let output = ''
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`redis-server did not start:\n${output}`))
    child.once('error', reject)
    child.once('close', fail)
    const read = (chunk: Buffer) => {
      output += chunk
      if (output.includes('Ready to accept connections')) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
  })
  // Unread pipes would stop it once they are full; its later words are not kept.
  child.stdout?.removeAllListeners('data').resume()
  child.stderr?.removeAllListeners('data').resume()

  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    version: /Redis version=([\d.]+)/.exec(output)?.[1] ?? 'unknown version',
    ended,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
