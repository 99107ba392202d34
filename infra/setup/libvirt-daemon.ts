import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { type ProcessLock, socketAnswers, tryLock } from '../process-lock.ts'
import { until } from '../until.ts'

const run = promisify(execFile)

/** Where qemu:///system is answered. */
export const systemSocket = '/run/libvirt/libvirt-sock'
const logSocket = '/run/libvirt/virtlogd-sock'
const startTimeoutMs = 30_000

/**
 * Starts the machine's libvirtd where none answers; needs root. It is nobody's child, so that VMs outlive us.
 * Throws with libvirtd's own words when it does not come up.
 */
export async function ensureLibvirtDaemon(say: (line: string) => void): Promise<void> {
  if (await socketAnswers(systemSocket)) return
  // A second root libvirtd takes the sockets from the first: two of us that start at once must not both start one.
  const lock = await waitForLock('start-libvirtd')
  try {
    if (await socketAnswers(systemSocket)) return
    say('Starting libvirtd: none answers on this machine')
    if (existsSync('/run/systemd/system')) {
      await run('systemctl', ['start', 'libvirtd'])
    } else {
      if (!(await socketAnswers(logSocket))) await run('/usr/sbin/virtlogd', ['--daemon'])
      await run('/usr/sbin/libvirtd', ['--daemon'])
    }
    if (!(await until(() => socketAnswers(systemSocket), startTimeoutMs))) {
      throw new Error(`libvirtd was started and does not answer on ${systemSocket}`)
    }
  } finally {
    await lock.release()
  }
}

async function waitForLock(name: string): Promise<ProcessLock> {
  let lock: ProcessLock | null = null
  const taken = await until(async () => {
    lock = await tryLock(name)
    return lock !== null
  }, 2 * startTimeoutMs)
  if (!taken || !lock) throw new Error(`Another process is at "${name}" for too long`)
  return lock
}
