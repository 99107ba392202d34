import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whom a program runs as, or who must reach a file. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
}

/** Whether this process may do anything on this machine. */
export const isRoot = (): boolean => userInfo().uid === 0

/** The user of that name, or null where there is none. */
export async function findUser(name: string): Promise<SystemUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}

/** Whether `user` can enter the directory. Asked of the kernel by becoming them, so that ACLs count too; needs root for another user. */
export async function canEnter(user: SystemUser, directory: string): Promise<boolean> {
  const identity = user.uid === userInfo().uid ? {} : { uid: user.uid, gid: user.gid }
  try {
    await run('test', ['-x', directory], { ...identity, cwd: '/' })
    return true
  } catch {
    return false
  }
}
