import { existsSync } from 'node:fs'
import type { CpuModeSupport } from '#db/schema/node.ts'
import { type CpuFeature, type CpuMode, cpuModes } from '#db/vm-spec.ts'
import { hasAccess, type UserIds } from './access.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainCreateFlags } from './rpc/constants.gen.ts'
import { isLibvirtError, isNotFound } from './rpc/errors.ts'
import { remote } from './rpc/protocol.gen.ts'
import { mergeCpuFeatures } from './xml/cpu.ts'
import { probeDomainXml } from './xml/probe-domain.ts'
import { readSupportedCpuModes } from './xml/read-domain-capabilities.ts'

type VirtType = 'kvm' | 'qemu'

export interface CpuProbe {
  connection: LibvirtConnection
  nodeId: string
  virtType: 'auto' | VirtType
  /** The worker's own overrides. */
  cpuFeatures: readonly CpuFeature[]
  /** Why QEMU cannot use KVM, known before trying; null where there is nothing. */
  kvmProblem: string | null
}

/** How one CPU mode does under one virt type. */
type Outcome = { runs: true; workaround: Quirk | null } | { runs: false; because: string }

/** A fault of some machines, known by QEMU's last words, and the features that go round it. */
interface Quirk {
  symptom: RegExp
  features: readonly CpuFeature[]
  message: string
}

const quirks: readonly Quirk[] = [
  {
    symptom: /MSR 0x10a/,
    features: [{ name: 'arch-capabilities', policy: 'disable' }],
    message: 'This KVM does not let QEMU set MSR 0x10a: CPUs get arch-capabilities disabled.',
  },
]

const virtTypeTitles = { kvm: 'KVM', qemu: 'QEMU emulation (TCG)' } as const

/** A paused probe starts in 0.4 s and fails on an MSR in 1.9 s; a KVM that is there and does not answer takes libvirt a minute. */
const probeTimeoutMs = 90_000

/** Finds out what CPU modes run here by starting a tiny paused domain for each. Takes seconds. */
export async function probeCpuModes(probe: CpuProbe): Promise<CpuModeSupport[]> {
  const results: CpuModeSupport[] = []
  // One after the other: they share a name, so that one left behind is found again.
  for (const mode of cpuModes) results.push(await probeMode(probe, mode))
  return results
}

async function probeMode(probe: CpuProbe, mode: CpuMode): Promise<CpuModeSupport> {
  const problems: string[] = []
  for (const virtType of probe.virtType === 'auto' ? (['kvm', 'qemu'] as const) : [probe.virtType]) {
    const outcome: Outcome =
      virtType === 'kvm' && probe.kvmProblem !== null
        ? { runs: false, because: probe.kvmProblem }
        : await probeOne(probe, mode, virtType)
    if (outcome.runs) {
      const messages = [...problems, ...(outcome.workaround ? [outcome.workaround.message] : [])]
      return {
        mode,
        supported: true,
        virtType,
        message: messages.length > 0 ? messages.join(' ') : null,
        features: [...(outcome.workaround?.features ?? [])],
      }
    }
    problems.push(`${virtTypeTitles[virtType]}: ${outcome.because}.`)
  }
  return { mode, supported: false, virtType: null, message: problems.join(' '), features: [] }
}

/** A `/dev/kvm` that QEMU may not open would cost 54 s for each start: looked at before trying. Null where there is none. */
export async function findKvmProblem(qemuUser: UserIds): Promise<string | null> {
  if (!existsSync('/dev/kvm')) return 'there is no /dev/kvm'
  if (await hasAccess(qemuUser, '/dev/kvm', ['r', 'w'])) return null
  return `QEMU's user (uid ${qemuUser.uid}, gid ${qemuUser.gid}) may not open /dev/kvm; give it the group kvm and mode 660`
}

async function probeOne(probe: CpuProbe, mode: CpuMode, virtType: VirtType): Promise<Outcome> {
  try {
    if (!(await supportedModes(probe.connection, virtType)).has(mode)) {
      return { runs: false, because: `libvirt says that ${mode} is not supported` }
    }
    return await startWithWorkarounds(probe, mode, virtType)
  } catch (error) {
    if (isLibvirtError(error)) return { runs: false, because: lastLine(error.message) }
    throw error
  }
}

async function supportedModes(connection: LibvirtConnection, virttype: VirtType): Promise<Set<CpuMode>> {
  const { capabilities } = await connection.call(remote.connectGetDomainCapabilities, {
    emulatorbin: null,
    arch: 'x86_64',
    machine: 'q35',
    virttype,
    flags: 0,
  })
  return readSupportedCpuModes(capabilities)
}

async function startWithWorkarounds(probe: CpuProbe, mode: CpuMode, virtType: VirtType): Promise<Outcome> {
  try {
    await startAndEnd(probe, mode, virtType, [])
    return { runs: true, workaround: null }
  } catch (error) {
    const quirk = isLibvirtError(error) ? quirks.find(({ symptom }) => symptom.test(error.message)) : undefined
    if (!quirk) throw error
    await startAndEnd(probe, mode, virtType, quirk.features)
    return { runs: true, workaround: quirk }
  }
}

async function startAndEnd(
  { connection, nodeId, cpuFeatures }: CpuProbe,
  mode: CpuMode,
  virtType: VirtType,
  workaround: readonly CpuFeature[],
): Promise<void> {
  const name = `quantix-probe-${nodeId.slice(0, 8)}`
  await endLeftover(connection, name)
  const xmlDesc = probeDomainXml({ name, virtType, mode, features: mergeCpuFeatures(workaround, cpuFeatures) })
  const flags = DomainCreateFlags.PAUSED | DomainCreateFlags.AUTODESTROY
  const { dom } = await connection.call(remote.domainCreateXml, { xmlDesc, flags }, { timeoutMs: probeTimeoutMs })
  await connection.call(remote.domainDestroyFlags, { dom, flags: 0 })
}

async function endLeftover(connection: LibvirtConnection, name: string): Promise<void> {
  try {
    const { dom } = await connection.call(remote.domainLookupByName, { name })
    await connection.call(remote.domainDestroyFlags, { dom, flags: 0 })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** libvirt puts QEMU's own words last. */
const lastLine = (message: string): string => message.trim().split('\n').at(-1)?.replace(/\.$/, '') ?? message
