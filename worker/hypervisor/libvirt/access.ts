import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whom QEMU runs as. */
export interface UserIds {
  uid: number
  gid: number
}

/** `test`'s letters: read, write, execute or enter. */
export type Right = 'r' | 'w' | 'x'

const bits = { r: 4, w: 2, x: 1 } as const

/**
 * Whether a user has the rights on a path, its directories included. Asked of the kernel by becoming the user, so that
 * ACLs count; a worker that may not become them judges by the mode bits of the path itself.
 */
export async function hasAccess(user: UserIds, path: string, rights: readonly Right[]): Promise<boolean> {
  const { uid, gid } = own()
  if (user.uid !== uid && uid !== 0) return modeAllows(user, path, rights)
  const become = user.uid === uid && user.gid === gid ? [] : await setpriv(user)
  try {
    for (const right of rights) {
      const [command = 'test', ...args] = [...become, 'test', `-${right}`, path]
      await run(command, args, { cwd: '/' })
    }
    return true
  } catch {
    return false
  }
}

/** With the further groups that libvirt gives QEMU too (virGetGroupList): on Debian, /dev/kvm is open to one of them. */
async function setpriv({ uid, gid }: UserIds): Promise<string[]> {
  const known = await run('id', ['-G', String(uid)]).catch(() => null)
  const groups = [gid, ...(known?.stdout.trim().split(' ') ?? [])].join(',')
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups}`]
}

const own = (): UserIds => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 })

async function modeAllows(user: UserIds, path: string, rights: readonly Right[]): Promise<boolean> {
  try {
    const { mode, uid, gid } = await stat(path)
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
    return rights.every((right) => ((mode >> shift) & bits[right]) !== 0)
  } catch {
    return false
  }
}
