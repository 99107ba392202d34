import { type CdromSpec, type CpuFeature, type DiskSpec, maxMemoryMibOf, type VmSpec } from '#db/vm-spec.ts'
import { balloon } from './balloon.ts'
import { bootPlaces } from './boot-order.ts'
import { cdrom } from './cdrom.ts'
import { clock } from './clock.ts'
import { cpu, vcpu } from './cpu.ts'
import { disk, scsiController } from './disk.ts'
import { features } from './features.ts'
import { graphics, video } from './graphics.ts'
import { guestAgentChannel } from './guest-agent-channel.ts'
import { metadata } from './metadata.ts'
import { nic } from './nic.ts'
import { os } from './os.ts'
import { lastPcieRootPort } from './pcie.ts'
import { renderXml } from './render.ts'
import { rng } from './rng.ts'
import { seedDrive } from './seed-drive.ts'
import { serial, serialConsole } from './serial.ts'
import { tpm } from './tpm.ts'
import { watchdog } from './watchdog.ts'

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
  /** The file of the UEFI variables; absolute. Null is a BIOS. */
  nvramPath: string | null
  /** The file of the spec's cloud-init drive; absolute. */
  seedPath: string | null
  /** In clear; null asks for none. */
  displayPassword: string | null
  /** The file that takes what the guest writes to its serial console; absolute. */
  serialLogPath: string | null
  /** The spec's own, with their files; absolute paths. */
  disks: readonly (DiskSpec & { path: string })[]
  cdroms: readonly (CdromSpec & { path: string | null })[]
}

/** The definition of a VM (https://libvirt.org/formatdomain.html). */
export function domainXml(vm: DomainParameters): string {
  const { spec, disks, cdroms } = vm
  const { nics } = spec
  const drives = spec.cloudInit ? [...disks, spec.cloudInit] : disks
  const placeOf = bootPlaces({ bootOrder: spec.bootOrder, disks, cdroms, nics })
  return renderXml({
    domain: {
      '@type': vm.virtType,
      name: vm.name,
      uuid: vm.vmId,
      title: vm.name,
      description: vm.description,
      metadata: metadata(vm),
      memory: { '@unit': 'MiB', '#': maxMemoryMibOf(spec.memory) },
      currentMemory: { '@unit': 'MiB', '#': spec.memory.sizeMib },
      memoryBacking: spec.memory.hugepages ? { hugepages: {} } : undefined,
      vcpu: vcpu(spec.cpu),
      os: os({ nvramPath: vm.nvramPath, secureBoot: spec.secureBoot }),
      features: features(spec),
      cpu: cpu({ mode: spec.cpuMode, topology: spec.cpu, features: vm.cpuFeatures }),
      clock: clock({ clock: spec.clock, tscFrequencyHz: vm.tscFrequencyHz }),
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: {
        disk: [
          ...disks.map((spec) => disk(spec, placeOf(spec))),
          ...cdroms.map((spec) => cdrom(spec, placeOf(spec))),
          ...(spec.cloudInit && vm.seedPath ? [seedDrive(spec.cloudInit, vm.seedPath)] : []),
        ],
        controller: [
          lastPcieRootPort({ ...spec, disks: drives }),
          ...(drives.some(({ bus }) => bus === 'scsi') ? [scsiController()] : []),
        ],
        interface: nics.map((spec) => nic(spec, placeOf(spec))),
        serial: serial(vm.serialLogPath),
        console: serialConsole(),
        channel: guestAgentChannel(),
        tpm: spec.tpm ? tpm() : undefined,
        graphics: graphics(spec.display, vm.displayPassword),
        video: video(spec.video),
        watchdog: spec.watchdog ? watchdog(spec.watchdog) : undefined,
        memballoon: balloon(),
        rng: spec.rng ? rng() : undefined,
      },
    },
  })
}
