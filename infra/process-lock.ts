import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Something that one process of this machine at a time may do. The kernel gives it back when the process ends. */
export interface ProcessLock {
  release(): Promise<void>
}

/** Takes the lock of that name, or returns null when another process holds it. */
export async function tryLock(name: string): Promise<ProcessLock | null> {
  const address = lockAddress(name)
  if (!address.startsWith('\0') && !(await socketAnswers(address))) rmSync(address, { force: true })
  const server = createServer((socket) => socket.destroy()).unref()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    )
    server.listen(address, () => resolve({ release: () => new Promise((done) => server.close(() => done())) }))
  })
}

/** Linux has addresses of unix sockets that are no files, and so cannot be left behind. */
function lockAddress(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return process.platform === 'linux' ? `\0quantix-${digest}` : path.join(tmpdir(), `quantix-${digest}`)
}

/** Whether something listens on the unix socket; a file alone may be a dead program's. */
export const socketAnswers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address)
    const settle = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
