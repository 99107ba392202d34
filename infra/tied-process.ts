import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'

const setpriv = '/usr/bin/setpriv'

/**
 * Starts a program in a session of its own, so that a terminal's Ctrl-C does not reach it before its turn.
 * On Linux the kernel sends it `signal` when this process ends, however that happens.
 */
export function spawnTied(
  signal: 'INT' | 'TERM',
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const detached = { ...options, detached: true }
  if (!existsSync(setpriv)) return spawn(command, args, detached)
  return spawn(setpriv, ['--pdeathsig', signal, '--', command, ...args], detached)
}

/** A TCP port of 127.0.0.1 that nothing listens on now. Another program may take it before it is used. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port')),
      )
    })
  })

/** Whether a process of that id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Resolves true once `condition` holds, false when it does not within the time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    if (await condition()) return true
    if (Date.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
