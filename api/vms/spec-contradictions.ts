import { type VmSpec, vcpusOf } from '#db/vm-spec.ts'

/** Fields of a spec that are right by themselves and do not go together: which one to change, and why. */
export interface Contradiction {
  path: readonly (string | number)[]
  message: string
}

type Rule = (spec: VmSpec) => Contradiction[]

/**
 * Most vCPUs of one VM. QEMU's q35 takes more only with an IOMMU in extended interrupt mode, which libvirt demands from
 * the 256th on (src/qemu/qemu_validate.c, QEMU_MAX_VCPUS_WITHOUT_EIM).
 */
export const maxVcpus = 255

const rules: Rule[] = [
  ({ cpu }) => when(cpu.cores % cpu.sockets !== 0, { path: ['cpu', 'cores'], message: 'must be divisible by sockets' }),
  ({ cpu }) =>
    when(vcpusOf(cpu) > maxVcpus, {
      path: ['cpu', 'cores'],
      message: `times threadsPerCore must be at most ${maxVcpus} vCPUs`,
    }),
  ({ cpu, cpuMode }) =>
    when(cpu.pinnedTsc === true && cpuMode !== 'host-passthrough', {
      path: ['cpu', 'pinnedTsc'],
      message:
        'needs cpuMode host-passthrough: a host-model VM has no invariant TSC, and takes memory snapshots without it',
    }),
  ({ disks, cdroms }) =>
    repeated([
      ...disks.map(({ target }, index) => ({ value: target, path: ['disks', index, 'target'] })),
      ...cdroms.map(({ target }, index) => ({ value: target, path: ['cdroms', index, 'target'] })),
    ]),
  ({ nics }) => repeated(nics.map(({ mac }, index) => ({ value: mac, path: ['nics', index, 'mac'] }))),
]

/** Everything that does not go together in a complete spec; empty for one that can be stored. */
export const contradictionsIn = (spec: VmSpec): Contradiction[] => rules.flatMap((rule) => rule(spec))

const when = (applies: boolean, contradiction: Contradiction): Contradiction[] => (applies ? [contradiction] : [])

/** The fields whose value an earlier one has. */
const repeated = (fields: readonly { value: string; path: Contradiction['path'] }[]): Contradiction[] =>
  fields
    .filter(({ value }, index) => fields.findIndex((field) => field.value === value) < index)
    .map(({ value, path }) => ({ path, message: `${value} is there already: each must be another one` }))
