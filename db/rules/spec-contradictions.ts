import { isSameJson } from '#db/same-json.ts'
import {
  type BootDevice,
  type DiskSpec,
  directCaches,
  type HypervFeature,
  maxVcpusOf,
  type NicSpec,
  type VmSpec,
  vcpusOf,
} from '#db/vm-spec.ts'

/** Fields of a spec that are right by themselves and do not go together: which one to change, and why. */
export interface Contradiction {
  path: readonly (string | number)[]
  message: string
}

/**
 * Most vCPUs of one VM. QEMU's q35 takes more only with an IOMMU in extended interrupt mode, which libvirt demands from
 * the 256th on (src/qemu/qemu_validate.c, QEMU_MAX_VCPUS_WITHOUT_EIM).
 */
export const maxVcpus = 255

/** Most of each that a VM may have. */
export const maxDisks = 24
export const maxNics = 8

/** Everything that does not go together in a complete spec; empty for one that can be stored. */
export const contradictionsIn = (spec: VmSpec): Contradiction[] => [
  ...rules.flatMap(({ path, applies, message }) => (applies(spec) ? [{ path, message }] : [])),
  ...each('disks', spec.disks, diskRules),
  ...each('nics', spec.nics, nicRules),
  ...spec.bootOrder.flatMap((device, index) =>
    has(spec, device) ? [] : [{ path: ['bootOrder', index], message: `the VM has no ${device} to boot from` }],
  ),
  ...spec.hyperv.flatMap((feature, index) => {
    const missing = hypervNeeds[feature]?.filter((needed) => !hasHyperv(spec, needed)) ?? []
    return missing.map((needed) => ({ path: ['hyperv', index], message: `${feature} needs ${needed} too` }))
  }),
  ...repeated([
    ...(spec.cloudInit ? [{ value: spec.cloudInit.target, path: ['cloudInit', 'target'] }] : []),
    ...spec.disks.map(({ target }, index) => ({ value: target, path: ['disks', index, 'target'] })),
    ...spec.cdroms.map(({ target }, index) => ({ value: target, path: ['cdroms', index, 'target'] })),
  ]),
  ...repeated(spec.nics.map(({ mac }, index) => ({ value: mac, path: ['nics', index, 'mac'] }))),
]

/** What does not go together after a change, and was not so before: what others made may have contradictions, and keeps them. */
export function newContradictionsIn(before: VmSpec, after: VmSpec): Contradiction[] {
  const known = contradictionsIn(before)
  return contradictionsIn(after).filter((problem) => !known.some((other) => isSameJson(problem, other)))
}

interface Rule<Subject> {
  path: Contradiction['path']
  applies(subject: Subject): boolean
  message: string
}

const rules: Rule<VmSpec>[] = [
  {
    path: ['cpu', 'cores'],
    applies: ({ cpu }) => cpu.cores % cpu.sockets !== 0,
    message: 'must be divisible by sockets',
  },
  {
    path: ['cpu', 'cores'],
    applies: ({ cpu }) => vcpusOf(cpu) > maxVcpus,
    message: `times threadsPerCore must be at most ${maxVcpus} vCPUs`,
  },
  {
    path: ['cpu', 'maxCores'],
    applies: ({ cpu }) => cpu.maxCores !== undefined && cpu.maxCores < cpu.cores,
    message: 'must be at least cores',
  },
  {
    path: ['cpu', 'maxCores'],
    applies: ({ cpu }) => cpu.maxCores !== undefined && cpu.maxCores % cpu.sockets !== 0,
    message: 'must be divisible by sockets',
  },
  {
    path: ['cpu', 'maxCores'],
    applies: ({ cpu }) => cpu.maxCores !== undefined && maxVcpusOf(cpu) > maxVcpus,
    message: `times threadsPerCore must be at most ${maxVcpus} vCPUs`,
  },
  {
    path: ['memory', 'maxSizeMib'],
    applies: ({ memory }) => memory.maxSizeMib !== undefined && memory.maxSizeMib < memory.sizeMib,
    message: 'must be at least sizeMib',
  },
  {
    path: ['memory', 'maxSizeMib'],
    applies: ({ memory }) => memory.maxSizeMib !== undefined && memory.hugepages,
    message: 'does not go with hugepages: no balloon gives them back',
  },
  {
    path: ['cpu', 'pinnedTsc'],
    applies: ({ cpu, cpuMode }) => cpu.pinnedTsc === true && cpuMode !== 'host-passthrough',
    message:
      'needs cpuMode host-passthrough: a host-model VM has no invariant TSC, and takes memory snapshots without it',
  },
  {
    path: ['secureBoot'],
    applies: ({ secureBoot, firmware }) => secureBoot && firmware !== 'uefi',
    message: 'needs firmware uefi: a BIOS checks no signatures',
  },
  {
    path: ['display', 'password'],
    applies: ({ display }) => display.passwordSet && display.type === 'none',
    message:
      'needs a display: choose display.type vnc or spice, or leave the password out; that of a VM that exists goes with DELETE /api/v1/vms/{id}/display-password',
  },
  {
    path: ['video', 'model'],
    applies: ({ video, display }) => video.model === 'none' && display.type !== 'none',
    message: 'cannot be none: the display would show nothing. Choose a model, or display.type none',
  },
  {
    path: ['video', 'memoryKib'],
    applies: ({ video }) => video.memoryKib !== undefined && (video.model === 'virtio' || video.model === 'none'),
    message: 'goes only with model vga and qxl: the others have no memory of their own',
  },
  {
    path: ['video', 'memoryKib'],
    applies: ({ video }) => video.memoryKib !== undefined && !Number.isInteger(Math.log2(video.memoryKib)),
    message: 'must be a power of two',
  },
]

const diskRules: Rule<DiskSpec>[] = [
  {
    path: [],
    applies: ({ sizeGib, baseImage }) => sizeGib === undefined && baseImage === undefined,
    message: 'needs sizeGib (an empty disk), baseImage (a clone of an image), or both',
  },
  {
    path: ['target'],
    applies: ({ target, bus }) => target.startsWith('vd') !== (bus === 'virtio'),
    message: 'does not fit the bus: it is vda, vdb, … on virtio, and sda, sdb, … on scsi and sata',
  },
  {
    path: ['io'],
    applies: ({ io, cache }) => io === 'native' && !directCaches.includes(cache),
    message: 'cannot be native with this cache: it needs cache none or directsync',
  },
  {
    path: ['readOnly'],
    applies: ({ readOnly, bus }) => readOnly && bus === 'sata',
    message: 'does not go with bus sata: QEMU has no such disk. Take virtio or scsi, or a cdrom',
  },
  {
    path: ['readOnly'],
    applies: ({ readOnly, baseImage }) => readOnly && baseImage === undefined,
    message: 'needs a baseImage: nothing could ever be on it',
  },
]

const nicRules: Rule<NicSpec>[] = [
  {
    path: [],
    applies: ({ network, bridge }) => (network === undefined) === (bridge === undefined),
    message: 'needs network or bridge, and not both',
  },
]

/** What QEMU demands of each (target/i386/kvm/kvm.c, kvm_hyperv_properties). */
const hypervNeeds: Partial<Record<HypervFeature, readonly (HypervFeature | 'clock.hypervclock')[]>> = {
  synic: ['vpindex'],
  stimer: ['synic', 'clock.hypervclock'],
  tlbflush: ['vpindex'],
  ipi: ['vpindex'],
}

const hasHyperv = ({ hyperv, clock }: VmSpec, needed: HypervFeature | 'clock.hypervclock'): boolean =>
  needed === 'clock.hypervclock' ? clock.hypervclock : hyperv.includes(needed)

const has = ({ disks, cdroms, nics }: VmSpec, device: BootDevice): boolean =>
  ({ disk: disks, cdrom: cdroms, network: nics })[device].length > 0

const each = <Device>(list: string, devices: readonly Device[], deviceRules: readonly Rule<Device>[]) =>
  devices.flatMap((device, index): Contradiction[] =>
    deviceRules.flatMap(({ path, applies, message }) =>
      applies(device) ? [{ path: [list, index, ...path], message }] : [],
    ),
  )

/** The fields whose value an earlier one has. */
const repeated = (fields: readonly { value: string; path: Contradiction['path'] }[]): Contradiction[] =>
  fields
    .filter(({ value }, index) => fields.findIndex((field) => field.value === value) < index)
    .map(({ value, path }) => ({ path, message: `${value} is there already: each must be another one` }))
