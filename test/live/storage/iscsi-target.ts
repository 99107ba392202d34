import { execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'

const run = promisify(execFile)

const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const needed = [
  { file: '/usr/sbin/tgtd', missing: 'tgt is not installed' },
  {
    file: `/usr/lib/${architecture}-linux-gnu/libvirt/storage-backend/libvirt_storage_backend_iscsi-direct.so`,
    missing: "libvirt's storage driver for libiscsi is not installed",
  },
  {
    file: `/usr/lib/${architecture}-linux-gnu/qemu/block-iscsi.so`,
    missing: "QEMU's block driver for libiscsi is not installed",
  },
]

/** Why no pool on an iSCSI target can be tried here; null where one can. Everything of it is in user space. */
export const iscsiAvailable = (): string | null => needed.find(({ file }) => !existsSync(file))?.missing ?? null

export interface IscsiTarget {
  port: number
  target: string
  user: string
  /** As it is now. */
  readonly password: string
  changePassword(next: string): Promise<void>
  /** Stops answering, and answers again; what connects meanwhile waits. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/** A target with two units, of 64 and 32 MiB, for whoever knows the password. */
export async function startIscsiTarget(): Promise<IscsiTarget> {
  const directory = mkdtempSync(path.join(tmpdir(), 'tgt-'))
  const port = await freePort()
  const control = String(randomInt(1, 32_000))
  // It ends with the tests, also when they are killed.
  const args = ['--pdeathsig', 'KILL', '--', 'tgtd', '-f', '-C', control, '--iscsi', `portal=127.0.0.1:${port}`]
  const child = spawn('setpriv', args, { stdio: 'ignore' })
  const [target, user] = ['iqn.2003-01.org.example:disk', 'node']
  let password = 'open-sesame-12'
  const admin = (...args: string[]) => run('tgtadm', ['-C', control, '--lld', 'iscsi', ...args])
  await vi.waitUntil(
    () =>
      admin('--op', 'show', '--mode', 'target').then(
        () => true,
        () => false,
      ),
    10_000,
  )
  await admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target)
  for (const [lun, sizeMib] of [
    [1, 64],
    [2, 32],
  ] as const) {
    const file = path.join(directory, `lun-${lun}`)
    writeFileSync(file, '')
    truncateSync(file, sizeMib * 2 ** 20)
    await admin('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', String(lun), '-b', file)
  }
  await admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL')
  const addAccount = async () => {
    await admin('--op', 'new', '--mode', 'account', '--user', user, '--password', password)
    await admin('--op', 'bind', '--mode', 'account', '--tid', '1', '--user', user)
  }
  await addAccount()
  return {
    ...{ port, target, user },
    get password() {
      return password
    },
    async changePassword(next) {
      password = next
      await admin('--op', 'delete', '--mode', 'account', '--user', user)
      await addAccount()
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async close() {
      child.kill('SIGKILL')
      for (const end of ['', '.lock']) rmSync(`/run/tgtd/socket.${control}${end}`, { force: true })
      rmSync(directory, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
