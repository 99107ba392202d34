import { createServer } from 'node:net'
import { AppError } from '#db/errors.ts'
import { type ProcessLock, tryLock } from './process-lock.ts'

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

/**
 * Takes a loopback port among all of us on this machine, before the program that will listen there does.
 * Throws `failed_precondition` with the setting to change when it is taken, or another program listens there.
 */
export async function claimPort(port: number, setting: string): Promise<ProcessLock> {
  const lock = await tryLock(`port ${port}`)
  if (lock && (await isFreePort(port))) return lock
  await lock?.release()
  throw new AppError(
    'failed_precondition',
    `Port ${port} is in use by another program. Set ${setting} to a free one, e.g. ${setting}=${port + 1000}`,
  )
}

/** Whether nothing listens on the loopback port. */
export const isFreePort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
