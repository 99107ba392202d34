import type { CpuFeature, CpuMode } from '#db/vm-spec.ts'
import { cpu } from './cpu.ts'
import { os } from './os.ts'
import { renderXml } from './render.ts'

export interface ProbeDomainParameters {
  name: string
  virtType: 'kvm' | 'qemu'
  mode: CpuMode
  features: readonly CpuFeature[]
}

const memoryMib = 64

/** The smallest domain that makes QEMU set a CPU up. */
export const probeDomainXml = ({ name, virtType, mode, features }: ProbeDomainParameters): string =>
  renderXml({
    domain: {
      '@type': virtType,
      name,
      memory: { '@unit': 'MiB', '#': memoryMib },
      vcpu: 1,
      os: os({ nvramPath: null, secureBoot: false }),
      features: { acpi: {}, apic: {} },
      cpu: cpu({ mode, topology: { cores: 1, sockets: 1, threadsPerCore: 1 }, features }),
      devices: { memballoon: { '@model': 'none' } },
    },
  })
