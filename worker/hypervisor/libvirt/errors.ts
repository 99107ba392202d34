import { AppError, type ErrorCode } from '#db/errors.ts'
import { type Remedy, remedies } from '#db/rules/remedies.ts'
import { ErrorCode as Libvirt } from './rpc/constants.gen.ts'
import { LibvirtConnectionError, LibvirtError } from './rpc/errors.ts'

interface Translation {
  /** libvirt's codes; left out where the text alone decides. */
  codes?: readonly number[]
  /** libvirt uses one code for many things: then its text decides. */
  text?: RegExp
  code: ErrorCode
  reason: string
  sentence: (libvirtSays: string) => string
  remedies?: readonly Remedy[]
}

/** What libvirt's errors mean to a user; the first row that fits counts. facts: codes and texts seen on 9.0.0 and 11.3.0. */
const translations: readonly Translation[] = [
  {
    text: /No space left on device|not enough space/i,
    code: 'resource_exhausted',
    reason: 'NODE_DISK_FULL',
    sentence: (says) => `The node has no disk space left. Free some, then try again. (libvirt: ${says})`,
  },
  {
    text: /Cannot allocate memory|cannot set up guest memory/i,
    code: 'resource_exhausted',
    reason: 'NODE_OUT_OF_MEMORY',
    sentence: (says) => `The node has not enough free memory for this VM. (libvirt: ${says})`,
  },
  {
    text: /already (exists|defined) with uuid|already exists with/i,
    code: 'already_exists',
    reason: 'NAME_TAKEN',
    sentence: (says) => `Another VM on this node has that name. (libvirt: ${says})`,
  },
  {
    text: /Cannot access (storage|backing) file .*(No such file|does not exist)/,
    code: 'failed_precondition',
    reason: 'DISK_FILE_MISSING',
    sentence: (says) => `A disk, base image or ISO of the VM is missing on the node. (libvirt: ${says})`,
  },
  {
    text: /Cannot access (storage|backing) file .*Permission denied|Could not open .*Permission denied/,
    code: 'failed_precondition',
    reason: 'DISK_FILE_NOT_ACCESSIBLE',
    sentence: (says) => `QEMU may not open a disk, base image or ISO of the VM. (libvirt: ${says})`,
  },
  {
    text: /nesting too deep|too deeply nested|backing chains more than \d+ layers/,
    code: 'resource_exhausted',
    reason: 'CHAIN_TOO_DEEP',
    sentence: (says) =>
      `The VM has more snapshots on top of each other than its node can start. Delete some, then try again. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.NO_DOMAIN],
    code: 'not_found',
    reason: 'VM_NOT_ON_NODE',
    sentence: () => 'The VM does not exist on its node.',
  },
  {
    codes: [Libvirt.NO_NETWORK],
    code: 'failed_precondition',
    reason: 'NETWORK_NOT_FOUND',
    sentence: (says) => `The node has no such network. (libvirt: ${says})`,
  },
  {
    text: /network '.*' is not active/,
    code: 'failed_precondition',
    reason: 'NETWORK_NOT_ACTIVE',
    sentence: (says) => `A network of this VM is not active on the node. (libvirt: ${says})`,
  },
  {
    text: /Cannot get interface .*No such device/i,
    code: 'failed_precondition',
    reason: 'BRIDGE_NOT_FOUND',
    sentence: (says) => `The node has no such bridge. (libvirt: ${says})`,
  },
  {
    text: /No more available PCI (slots|addresses)/,
    code: 'failed_precondition',
    reason: 'NO_FREE_SLOT',
    remedies: [remedies.stop],
    sentence: (says) =>
      `The VM has no free slot for another such device while it runs: detach one, or stop the VM, then attach it. (libvirt: ${says})`,
  },
  {
    text: /(is locked|tray .* locked)/i,
    code: 'failed_precondition',
    reason: 'CDROM_LOCKED',
    remedies: [remedies.useForce],
    sentence: (says) =>
      `The guest has locked the drive: unmount what is in it there, or change the medium with force=true. (libvirt: ${says})`,
  },
  {
    text: /hugetlbfs|hugepages? (is|are) not/i,
    code: 'failed_precondition',
    reason: 'HUGEPAGES_NOT_AVAILABLE',
    sentence: (says) =>
      `The node has no huge pages. Set some aside there, or make the VM with memory.hugepages false. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.AGENT_UNRESPONSIVE, Libvirt.AGENT_UNSYNCED],
    code: 'failed_precondition',
    reason: 'GUEST_AGENT_NOT_CONNECTED',
    sentence: (says) =>
      `The guest agent does not answer. Install and start qemu-guest-agent in the guest, or do without it. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.OPERATION_TIMEOUT, Libvirt.RESOURCE_BUSY],
    code: 'unavailable',
    reason: 'HYPERVISOR_BUSY',
    sentence: (says) => `The node is still busy with this VM. (libvirt: ${says})`,
  },
  {
    text: /paused due to previous migration/,
    code: 'failed_precondition',
    reason: 'VM_IS_PAUSED',
    sentence: (says) =>
      'The VM has been paused since before its memory was saved the last time, and QEMU saves it again only after it has run: ' +
      `resume it, then try again, or take the snapshot without memory. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.BLOCK_COPY_ACTIVE],
    code: 'failed_precondition',
    reason: 'DISK_JOB_NOT_OVER',
    sentence: (says) =>
      'libvirt has a copy or a merge of the VM’s disk that is not over. Wait for it; where nobody made one, a libvirtd that was ' +
      `killed has left it, and it is over when the VM was stopped and started. (libvirt: ${says})`,
  },
  {
    text: /has asynchronous jobs running|is still being allocated|is still in use/,
    code: 'unavailable',
    reason: 'HYPERVISOR_BUSY',
    sentence: (says) => `The node's storage pool is busy. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.ACCESS_DENIED, Libvirt.AUTH_FAILED, Libvirt.AUTH_UNAVAILABLE, Libvirt.OPERATION_DENIED],
    code: 'failed_precondition',
    reason: 'HYPERVISOR_ACCESS_DENIED',
    sentence: (says) => `The worker may not do this on its node's libvirt. (libvirt: ${says})`,
  },
  {
    text: /Requested TSC frequency/,
    code: 'failed_precondition',
    reason: 'TSC_FREQUENCY_NOT_POSSIBLE',
    sentence: (says) =>
      `The VM's time stamp counter is pinned to a frequency that this node cannot give it. (libvirt: ${says})`,
  },
  {
    text: /kernel doesn't allow setting HyperV|host doesn't support hyperv|Hyper-V .* not supported by kernel/i,
    code: 'failed_precondition',
    reason: 'HYPERV_NOT_SUPPORTED',
    sentence: (says) =>
      `The node's KVM lacks a Hyper-V enlightenment of the VM: make it with fewer in spec.hyperv. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.CONFIG_UNSUPPORTED, Libvirt.CPU_INCOMPATIBLE, Libvirt.ARGUMENT_UNSUPPORTED],
    code: 'failed_precondition',
    reason: 'UNSUPPORTED_BY_NODE',
    sentence: (says) => `This node cannot run the VM as it is defined. (libvirt: ${says})`,
  },
  {
    codes: [Libvirt.XML_ERROR, Libvirt.XML_DETAIL, Libvirt.XML_INVALID_SCHEMA],
    code: 'invalid_argument',
    reason: 'DEFINITION_REFUSED',
    sentence: (says) => `libvirt does not accept the VM's definition: ${says}`,
  },
  {
    codes: [Libvirt.OPERATION_INVALID],
    code: 'failed_precondition',
    reason: 'HYPERVISOR_REFUSED',
    sentence: (says) => `libvirt refuses: ${says}`,
  },
  {
    codes: [Libvirt.NO_SUPPORT, Libvirt.OPERATION_UNSUPPORTED],
    code: 'unimplemented',
    reason: 'UNSUPPORTED_BY_LIBVIRT',
    sentence: (says) => `This node's libvirt cannot do that: ${says}`,
  },
]

/** What the port rejects with, for whatever went wrong; only errors of libvirt are translated, the rest stays unknown. */
export function translateError(error: unknown): unknown {
  if (error instanceof LibvirtConnectionError) {
    return new AppError('unavailable', `The node's libvirt does not answer: ${error.message}`, {
      reason: 'HYPERVISOR_UNAVAILABLE',
      cause: error,
    })
  }
  if (!(error instanceof LibvirtError)) return error
  const row = translations.find(
    ({ codes, text }) => (codes?.includes(error.code) ?? true) && (text?.test(error.message) ?? true),
  )
  if (row) {
    const { code, reason, remedies } = row
    const details = remedies && { details: { remedies } }
    return new AppError(code, row.sentence(error.message), { reason, cause: error, ...details })
  }
  return new AppError('internal', `libvirt failed: ${error.message}`, { reason: 'HYPERVISOR_ERROR', cause: error })
}
