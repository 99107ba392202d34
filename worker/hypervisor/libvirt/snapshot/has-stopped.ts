import { setTimeout as sleep } from 'node:timers/promises'
import { readRunState } from '../domain.ts'
import { qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'

const noticeWithinMs = 10_000
const noticePollMs = 50

/** Whether a VM has no QEMU any more. libvirt tells that a little after the calls that needed it have failed. */
export async function hasStopped(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const end = Date.now() + noticeWithinMs
  while ((await readRunState(connection, dom)) !== 'STOPPED') {
    const answers = await qmp(connection, dom, 'query-status').then(
      () => true,
      () => false,
    )
    if (answers || Date.now() > end) return false
    await sleep(noticePollMs)
  }
  return true
}
