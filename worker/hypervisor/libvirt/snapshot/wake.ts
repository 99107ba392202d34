import { readRunState, readState } from '../domain.ts'
import { qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainPausedReason, DomainState } from '../rpc/constants.gen.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { isIdle } from './idle.ts'

/** Why a domain stands still after libvirtd was killed while it saved its memory: libvirt itself wakes some and not others. */
const snapshotPauses: readonly number[] = [
  DomainPausedReason.UNKNOWN,
  DomainPausedReason.USER,
  DomainPausedReason.MIGRATION,
  DomainPausedReason.SAVE,
  DomainPausedReason.SNAPSHOT,
]

/** Lets a guest go on that stands still since its memory was saved. Resolves to whether it runs, is off, or stands still for a reason of its own. */
export async function wake(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  if ((await connection.call(remote.domainIsActive, { dom })).active !== 1) return true
  // A libvirtd that has just started tells the state of before until it has asked QEMU; this waits until it has.
  await qmp(connection, dom, 'query-status')
  const { state, reason } = await readState(connection, dom)
  if (state !== DomainState.PAUSED || !snapshotPauses.includes(reason)) return true
  if (!(await isIdle(connection, dom))) return false
  try {
    await connection.call(remote.domainResume, { dom })
  } catch (error) {
    // libvirt was faster.
    if ((await readRunState(connection, dom)) !== 'RUNNING') throw error
  }
  return true
}
