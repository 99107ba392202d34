import { AppError } from '#db/errors.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { remote } from './rpc/protocol.gen.ts'
import { type MachineSupport, readMachineSupport } from './xml/read-domain-capabilities.ts'

type Machine = Pick<VmSpec, 'firmware' | 'secureBoot' | 'tpm'>

interface Demand {
  wanted(machine: Machine): boolean
  there(support: MachineSupport): boolean
  reason: string
  message: string
}

/** What a machine may need that a node may lack. */
const demands: readonly Demand[] = [
  {
    wanted: ({ firmware }) => firmware === 'uefi',
    there: ({ uefi }) => uefi,
    reason: 'FIRMWARE_NOT_AVAILABLE',
    message: 'This node has no UEFI firmware. Install it there (on Debian the package ovmf), or take firmware bios.',
  },
  {
    wanted: ({ secureBoot }) => secureBoot,
    there: ({ secureBoot }) => secureBoot,
    reason: 'SECURE_BOOT_NOT_AVAILABLE',
    message:
      'This node has no UEFI firmware with Secure Boot. Install it there (on Debian the package ovmf), or set secureBoot to false.',
  },
  {
    wanted: ({ tpm }) => tpm,
    there: ({ tpm }) => tpm,
    reason: 'TPM_NOT_AVAILABLE',
    message:
      'This node cannot emulate a TPM. Install swtpm there (on Debian the packages swtpm and swtpm-tools), or set tpm to false.',
  },
]

/** Throws `failed_precondition` for what the node lacks: libvirt 9.0 says it only at the start. */
export async function requireMachineSupport(
  connection: LibvirtConnection,
  virttype: 'kvm' | 'qemu',
  machine: Machine,
): Promise<void> {
  const wanted = demands.filter((demand) => demand.wanted(machine))
  if (wanted.length === 0) return
  const of = { emulatorbin: null, arch: 'x86_64', machine: 'q35' }
  const { capabilities } = await connection.call(remote.connectGetDomainCapabilities, { ...of, virttype, flags: 0 })
  const support = readMachineSupport(capabilities)
  const lacking = wanted.find(({ there }) => !there(support))
  if (lacking)
    throw new AppError('failed_precondition', lacking.message, { reason: lacking.reason, details: { ...machine } })
}
