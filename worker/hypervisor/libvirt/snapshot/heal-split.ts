import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { qmp, readQemuNodes } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { healJobPrefix, readBlockJobs } from './idle.ts'

const commitPollMs = 50
const commitWithinMs = 600_000

/**
 * libvirtd killed in the middle of a snapshot can leave QEMU writing to an overlay that libvirt knows nothing of: the
 * next start would lose those writes. They are committed into the file that libvirt knows, and QEMU writes there again.
 */
export async function healSplit(
  connection: LibvirtConnection,
  dom: Domain,
  topNode: string,
  into: string,
): Promise<void> {
  const jobId = `${healJobPrefix}${topNode}`
  const findJob = async () => (await readBlockJobs(connection, dom)).find(({ device }) => device === jobId)
  // A worker killed here left its job running.
  if (!(await findJob())) {
    // Without a base QEMU would commit the whole chain, every older snapshot with it.
    const base = (await readQemuNodes(connection, dom)).find(({ file, drv }) => file === into && drv === 'qcow2')
    if (!base) throw new AppError('unavailable', `QEMU does not have ${into} open.`)
    const merge = { device: topNode, 'base-node': base['node-name'], 'job-id': jobId }
    await qmp(connection, dom, 'block-commit', merge)
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
