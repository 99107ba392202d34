import { type GuestOsName, guestOsNamed } from '#db/guest-os/names.ts'
import { type GuestOsProfile, guestOsProfiles } from '#db/guest-os/profiles.ts'
import {
  type BootDevice,
  type CdromSpec,
  type CloudInitSpec,
  type DiskBus,
  type DiskSpec,
  defaultVideoMemoryKib,
  directCaches,
  type NicSpec,
  type VmSpec,
} from '#db/vm-spec.ts'

/** Each field may be left out. */
type Partly<Part> = { [Field in keyof Part]?: Part[Field] | undefined }

/** A spec as it is asked for: what has a default may be left out. */
export type VmSpecRequest = Partly<
  Omit<
    VmSpec,
    | 'guestOs'
    | 'cpu'
    | 'memory'
    | 'clock'
    | 'display'
    | 'video'
    | 'serial'
    | 'watchdog'
    | 'disks'
    | 'cdroms'
    | 'nics'
    | 'cloudInit'
  >
> &
  Partly<{
    guestOs: GuestOsName
    clock: Partly<VmSpec['clock']>
    display: Partly<VmSpec['display']>
    video: Partly<VmSpec['video']>
    serial: Partly<VmSpec['serial']>
    watchdog: Partly<NonNullable<VmSpec['watchdog']>> | null
    disks: Partly<DiskSpec>[]
    cdroms: Partly<CdromSpec>[]
    nics: Partly<NicSpec>[]
    cloudInit: Partly<CloudInitSpec> | null
  }> & {
    cpu: Partly<VmSpec['cpu']> & Pick<VmSpec['cpu'], 'cores'>
    memory: Partly<VmSpec['memory']> & Pick<VmSpec['memory'], 'sizeMib'>
  }

/**
 * The spec that is stored: what was left out is what the guest OS profile says, or the same for all. `newMac` draws an
 * address for a network card.
 */
export function completeSpec(input: VmSpecRequest, newMac: () => string): VmSpec {
  const { cpu, memory, clock, watchdog } = input
  const guestOs = guestOsNamed(input.guestOs ?? 'generic')
  const profile = guestOsProfiles[guestOs]
  const firmware = input.firmware ?? profile.firmware
  const videoModel = input.video?.model ?? profile.videoModel
  const drives = completeDrives(input.disks ?? [{ sizeGib: 10 }], input.cdroms ?? [], input.cloudInit ?? null, profile)
  const nics = (input.nics ?? []).map((nic) => completeNic(nic, profile, newMac))
  return {
    guestOs,
    cpuMode: input.cpuMode ?? profile.cpuMode,
    cpu: {
      ...cpu,
      sockets: cpu.sockets ?? 1,
      threadsPerCore: cpu.threadsPerCore ?? 1,
      features: cpu.features ?? [],
    },
    memory: { ...memory, hugepages: memory.hugepages ?? false },
    firmware,
    secureBoot: input.secureBoot ?? (profile.secureBoot && firmware === 'uefi'),
    tpm: input.tpm ?? profile.tpm,
    bootOrder: input.bootOrder ?? defaultBootOrder({ ...drives, nics }),
    clock: {
      offset: clock?.offset ?? profile.clock.offset,
      hpet: clock?.hpet ?? profile.clock.hpet,
      kvmclock: clock?.kvmclock ?? profile.clock.kvmclock,
      hypervclock: clock?.hypervclock ?? profile.clock.hypervclock,
    },
    hyperv: input.hyperv ?? [...profile.hyperv],
    ...drives,
    nics,
    display: { type: input.display?.type ?? 'vnc', passwordSet: input.display?.passwordSet ?? false },
    video: { model: videoModel, memoryKib: input.video?.memoryKib ?? defaultVideoMemoryKib[videoModel] },
    serial: { log: input.serial?.log ?? false },
    watchdog: watchdog ? { action: watchdog.action ?? 'reset' } : null,
    rng: input.rng ?? true,
  }
}

function completeDrives(
  disks: readonly Partly<DiskSpec>[],
  cdroms: readonly Partly<CdromSpec>[],
  cloudInit: Partly<CloudInitSpec> | null,
  profile: GuestOsProfile,
) {
  const taken = new Set([...disks, ...cdroms, ...(cloudInit ? [cloudInit] : [])].map(({ target }) => target))
  const taking = <Drive extends { target: string }>(drive: Drive): Drive => {
    taken.add(drive.target)
    return drive
  }
  const completeDisks = disks.map((disk) => taking(completeDisk(disk, profile, taken)))
  return {
    disks: completeDisks,
    cdroms: cdroms.map(({ target = freeTarget('sd', taken), iso = null }): CdromSpec => taking({ target, iso })),
    // The last, so that no other drive has another name for it.
    cloudInit: cloudInit && completeCloudInit(cloudInit, completeDisks[0]?.bus ?? profile.disk.bus, taken),
  }
}

const completeCloudInit = (
  { target, bus, userDataSet, metaDataSet, networkConfigSet }: Partly<CloudInitSpec>,
  bootBus: DiskBus,
  taken: ReadonlySet<string | undefined>,
): CloudInitSpec => ({
  target: target ?? freeTarget(targetPrefix(bus ?? bootBus), taken),
  bus: bus ?? bootBus,
  userDataSet: userDataSet ?? false,
  metaDataSet: metaDataSet ?? false,
  networkConfigSet: networkConfigSet ?? false,
})

const targetPrefix = (bus: DiskBus): string => (bus === 'virtio' ? 'vd' : 'sd')

/** A disk as it is stored; its target is the first that is not taken where it names none. */
export function completeDisk(
  disk: Partly<DiskSpec>,
  profile: GuestOsProfile,
  taken: ReadonlySet<string | undefined>,
): DiskSpec {
  const bus = disk.bus ?? profile.disk.bus
  const cache = disk.cache ?? profile.disk.cache
  return {
    ...disk,
    target: disk.target ?? freeTarget(targetPrefix(bus), taken),
    bus,
    cache,
    io: disk.io ?? (directCaches.includes(cache) ? profile.disk.io : 'threads'),
    discard: disk.discard ?? 'unmap',
    readOnly: disk.readOnly ?? false,
  }
}

/** A network card as it is stored. */
export const completeNic = (nic: Partly<NicSpec>, { nicModel }: GuestOsProfile, newMac: () => string): NicSpec => ({
  ...nic,
  mac: nic.mac ?? newMac(),
  model: nic.model ?? nicModel,
})

/** The disks, then the cdroms; from the network where there are neither. */
function defaultBootOrder({ disks, cdroms, nics }: Pick<VmSpec, 'disks' | 'cdroms' | 'nics'>): BootDevice[] {
  const drives: BootDevice[] = [
    ...(disks.length > 0 ? ['disk' as const] : []),
    ...(cdroms.length > 0 ? ['cdrom' as const] : []),
  ]
  return drives.length === 0 && nics.length > 0 ? ['network'] : drives
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
