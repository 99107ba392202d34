import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { type QemuDisk, qemuDiskOf, qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainDefineFlags } from '../rpc/constants.gen.ts'
import { remote } from '../rpc/protocol.gen.ts'
import type { VmState } from './state.ts'

const commitPollMs = 50
const commitWithinMs = 600_000

/**
 * libvirtd killed in the middle of a snapshot can leave QEMU writing to an overlay that libvirt knows nothing of (seen
 * in 4 of 80 kills): the next start would lose those writes. They are committed into the file that libvirt knows.
 * Throws `failed_precondition` when QEMU writes to something else altogether.
 */
export async function healSplit(
  connection: LibvirtConnection,
  { dom, disks }: VmState,
  qemuDisks: readonly QemuDisk[],
): Promise<void> {
  for (const { target, alias, path } of disks) {
    const qemuDisk = alias === null ? undefined : qemuDiskOf(qemuDisks, alias)
    if (!qemuDisk || qemuDisk.chain[0] === path) continue
    if (qemuDisk.chain[1] !== path) {
      throw new AppError(
        'failed_precondition',
        `QEMU writes disk ${target} to ${qemuDisk.chain[0]}, libvirt knows ${path}: somebody changed it behind libvirt's back.`,
        { reason: 'DISK_CHAIN_UNKNOWN' },
      )
    }
    await commitTop(connection, dom, qemuDisk.nodeName)
  }
}

async function commitTop(connection: LibvirtConnection, dom: VmState['dom'], nodeName: string): Promise<void> {
  const jobId = `quantix-heal-${nodeName}`
  const jobs = () => qmp<{ device: string; ready: boolean }[]>(connection, dom, 'query-block-jobs')
  const ours = async () => (await jobs()).find(({ device }) => device === jobId)
  const end = Date.now() + commitWithinMs
  const wait = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) {
      if (Date.now() > end)
        throw new AppError('unavailable', 'Committing an overlay takes too long; trying again later.')
      await sleep(commitPollMs)
    }
  }
  // A worker killed here left its job running.
  if (!(await ours())) await qmp(connection, dom, 'block-commit', { device: nodeName, 'job-id': jobId })
  await wait(async () => (await ours())?.ready !== false)
  await qmp(connection, dom, 'block-job-complete', { id: jobId })
  await wait(async () => (await ours()) === undefined)
  // libvirt numbers its nodes again from here, and would meet these names.
  await qmp(connection, dom, 'blockdev-del', { 'node-name': nodeName })
  await qmp(connection, dom, 'blockdev-del', { 'node-name': nodeName.replace(/-format$/, '-storage') })
}

/**
 * libvirt writes the inactive definition last: killed before that, it would start the VM from the frozen files.
 * Resolves to whether it was behind.
 */
export async function healInactive(
  connection: LibvirtConnection,
  { inactive, inactiveXml }: Pick<VmState, 'inactive' | 'inactiveXml'>,
  overlays: readonly { frozenPath: string; overlayPath: string }[],
): Promise<boolean> {
  const behind = overlays.filter(({ frozenPath }) => inactive.disks.some(({ path }) => path === frozenPath))
  if (behind.length === 0) return false
  const xml = behind.reduce(
    (text, { frozenPath, overlayPath }) => text.replaceAll(`file='${frozenPath}'`, `file='${overlayPath}'`),
    inactiveXml,
  )
  await connection.call(remote.domainDefineXmlFlags, { xml, flags: DomainDefineFlags.VALIDATE })
  return true
}
