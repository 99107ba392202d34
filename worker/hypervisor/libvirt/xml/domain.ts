import { type CdromSpec, type CpuFeature, type DiskSpec, type VmSpec, vcpusOf } from '#db/vm-spec.ts'
import { balloon } from './balloon.ts'
import { cdrom } from './cdrom.ts'
import { clock } from './clock.ts'
import { cpu } from './cpu.ts'
import { disk } from './disk.ts'
import { video, vnc } from './graphics.ts'
import { guestAgentChannel } from './guest-agent-channel.ts'
import { metadata } from './metadata.ts'
import { nic } from './nic.ts'
import { os } from './os.ts'
import { lastPcieRootPort } from './pcie.ts'
import { renderXml } from './render.ts'
import { rng } from './rng.ts'
import { serial, serialConsole } from './serial.ts'

/** A VM with everything that its node decided resolved. */
export interface DomainParameters {
  vmId: string
  nodeId: string
  name: string
  description: string
  virtType: 'kvm' | 'qemu'
  spec: Omit<VmSpec, 'disks' | 'cdroms'>
  tscFrequencyHz: number | null
  /** The spec's own features among them. */
  cpuFeatures: readonly CpuFeature[]
  /** The file of the UEFI variables; absolute. Null gives the VM a BIOS. */
  nvramPath: string | null
  /** The spec's own, with their files; absolute paths. */
  disks: readonly (DiskSpec & { path: string })[]
  cdroms: readonly (CdromSpec & { path: string })[]
}

/** The definition of a VM (https://libvirt.org/formatdomain.html). */
export function domainXml(vm: DomainParameters): string {
  const { spec, disks, cdroms } = vm
  return renderXml({
    domain: {
      '@type': vm.virtType,
      name: vm.name,
      uuid: vm.vmId,
      title: vm.name,
      description: vm.description,
      metadata: metadata(vm),
      memory: { '@unit': 'MiB', '#': spec.memory.sizeMib },
      vcpu: vcpusOf(spec.cpu),
      os: os(vm.nvramPath),
      features: { acpi: {}, apic: {} },
      cpu: cpu({ mode: spec.cpuMode, topology: spec.cpu, features: vm.cpuFeatures }),
      clock: clock(vm),
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: {
        disk: [
          ...disks.map(({ target, path }, i) => disk({ path, target, bootOrder: 1 + i })),
          ...cdroms.map(({ target, path }, i) => cdrom({ path, target, bootOrder: 1 + disks.length + i })),
        ],
        controller: lastPcieRootPort(disks.length + spec.nics.length),
        interface: spec.nics.map(nic),
        serial: serial(),
        console: serialConsole(),
        channel: guestAgentChannel(),
        graphics: vnc(),
        video: video(),
        memballoon: balloon(),
        rng: rng(),
      },
    },
  })
}
