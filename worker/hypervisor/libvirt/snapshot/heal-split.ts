import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { type QemuDisk, qemuDiskOf, qmp, readQemuDisks, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { VmState } from './state.ts'

const commitPollMs = 50
const commitWithinMs = 600_000

/**
 * libvirtd killed in the middle of a snapshot can leave QEMU writing to an overlay that libvirt knows nothing of: the
 * next start would lose those writes. They are committed into the file that libvirt knows.
 * Throws `failed_precondition` when QEMU writes to something else altogether.
 */
export async function healSplit(connection: LibvirtConnection, { dom, disks }: VmState): Promise<void> {
  const qemuDisks = await readQemuDisks(connection, dom)
  for (const { target, alias, path: known } of disks) {
    const qemuDisk = alias === null ? undefined : qemuDiskOf(qemuDisks, alias)
    const [written, below] = qemuDisk?.chain ?? []
    if (!qemuDisk || written === known) continue
    if (below !== known) {
      throw new AppError(
        'failed_precondition',
        `QEMU writes disk ${target} to ${written}, libvirt knows ${known}: somebody changed it behind libvirt's back.`,
        { reason: 'DISK_CHAIN_UNKNOWN' },
      )
    }
    await commitTop(connection, dom, qemuDisk, known)
  }
}

async function commitTop(connection: LibvirtConnection, dom: Domain, disk: QemuDisk, into: string): Promise<void> {
  const jobId = `quantix-heal-${disk.nodeName}`
  const findJob = async () => {
    const jobs = await qmp<{ device: string; ready: boolean }[]>(connection, dom, 'query-block-jobs')
    return jobs.find(({ device }) => device === jobId)
  }
  // A worker killed here left its job running.
  if (!(await findJob())) {
    // Without a base QEMU would commit the whole chain, every older snapshot with it.
    const base = (await readQemuNodes(connection, dom)).find(({ file, drv }) => file === into && drv === 'qcow2')
    if (!base) throw new AppError('unavailable', `QEMU does not have ${into} open.`)
    await qmp(connection, dom, 'block-commit', {
      device: disk.nodeName,
      'base-node': base['node-name'],
      'job-id': jobId,
    })
  }
  await waitFor(async () => (await findJob())?.ready !== false)
  await qmp(connection, dom, 'block-job-complete', { device: jobId })
  await waitFor(async () => (await findJob()) === undefined)
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + commitWithinMs
  while (!(await condition())) {
    if (Date.now() > end) throw new AppError('unavailable', 'Committing an overlay takes too long; trying again later.')
    await sleep(commitPollMs)
  }
}
