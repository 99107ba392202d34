import type { VmSpec } from '#db/vm-spec.ts'
import type { CdromInput, DiskInput, VmSpecInput } from './spec-schema.ts'

/** The spec that is stored: what was left out is filled in. `newMac` draws an address for a network card. */
export function completeSpec(input: VmSpecInput, newMac: () => string): VmSpec {
  const { cpu, cpuMode = 'host-model', disks = [{ sizeGib: 10 }], cdroms = [], nics = [] } = input
  const taken = new Set([...disks, ...cdroms].map(({ target }) => target))
  const withTarget = <Drive extends DiskInput | CdromInput>(prefix: string, drive: Drive) => {
    const target = drive.target ?? freeTarget(prefix, taken)
    taken.add(target)
    return { ...drive, target }
  }
  return {
    cpuMode,
    cpu: {
      ...cpu,
      sockets: cpu.sockets ?? 1,
      threadsPerCore: cpu.threadsPerCore ?? 1,
      features: cpu.features ?? [],
    },
    ...(input.firmware && { firmware: input.firmware }),
    memory: input.memory,
    disks: disks.map((disk) => withTarget('vd', disk)),
    cdroms: cdroms.map((cdrom) => withTarget('sd', cdrom)),
    nics: nics.map((nic) => ({ ...nic, mac: nic.mac ?? newMac() })),
  }
}

/** The first of vda, vdb, … vdz, vdaa, … that no drive has. */
function freeTarget(prefix: string, taken: ReadonlySet<string | undefined>): string {
  for (let index = 0; ; index++) {
    const target = prefix + letters(index)
    if (!taken.has(target)) return target
  }
}

const letters = (index: number): string =>
  (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCharCode('a'.charCodeAt(0) + (index % 26))
