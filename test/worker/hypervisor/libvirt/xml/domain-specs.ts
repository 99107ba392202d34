import { completeSpec } from '#db/complete-spec.ts'
import { guestOses } from '#db/guest-os/profiles.ts'
import type { CpuMode } from '#db/vm-spec.ts'
import type { SpecParts } from '#test/support/vm-spec.ts'
import type { DomainParameters } from '#worker/hypervisor/libvirt/xml/domain.ts'

const vmId = '8c5b1e0e-1f5a-4d83-9e0b-0c3d6b1a2f01'
const nodeId = '5e0c8f10-6f43-4b0e-8d35-5f5b2d9c7a11'

/** A VM's parameters with everything that a test does not care about filled in. */
export function someDomain(
  parts: Partial<Omit<DomainParameters, 'spec'>> & { spec?: SpecParts } = {},
): DomainParameters {
  const { spec, ...rest } = parts
  let macs = 0
  const full = completeSpec(
    { cpu: { cores: 1 }, memory: { sizeMib: 256 }, disks: [], ...spec },
    () => `52:54:00:00:00:0${++macs}`,
  )
  return {
    vmId,
    nodeId,
    name: 'web-1',
    description: '',
    virtType: 'qemu',
    tscFrequencyHz: null,
    spec: full,
    cpuFeatures: full.cpu.features,
    nvramPath: full.firmware === 'uefi' ? `/var/lib/quantix/pool/${vmId}.nvram.fd` : null,
    seedPath: full.cloudInit && `/var/lib/quantix/pool/${vmId}.seed.iso`,
    displayPassword: null,
    serialLogPath: full.serial.log ? `/var/lib/quantix/pool/${vmId}.serial.log` : null,
    disks: full.disks.map((disk) => ({ ...disk, path: `/var/lib/quantix/pool/${vmId}.${disk.target}.qcow2` })),
    cdroms: full.cdroms.map((cdrom) => ({ ...cdrom, path: cdrom.iso && `/var/lib/quantix/images/${cdrom.iso}` })),
    ...rest,
  }
}

const modes: CpuMode[] = ['host-model', 'host-passthrough']

/** VMs that together have everything a VM can have; each is a golden file. */
export const goldenDomains: Record<string, DomainParameters> = {
  smallest: someDomain({ spec: { memory: { sizeMib: 16 } } }),
  ...Object.fromEntries(
    modes.flatMap((cpuMode) => [
      [`${cpuMode}`, someDomain({ virtType: 'kvm', spec: { cpuMode, disks: [{ sizeGib: 10 }] } })],
      [
        `${cpuMode}-quirk`,
        someDomain({
          virtType: 'kvm',
          spec: { cpuMode, disks: [{ sizeGib: 10 }] },
          cpuFeatures: [{ name: 'arch-capabilities', policy: 'disable' }],
        }),
      ],
    ]),
  ),
  'pinned-tsc': someDomain({
    virtType: 'kvm',
    spec: {
      cpuMode: 'host-passthrough',
      cpu: { cores: 1, sockets: 1, threadsPerCore: 1, features: [], pinnedTsc: true },
      disks: [{ sizeGib: 10 }],
    },
    tscFrequencyHz: 2_596_126_000,
  }),
  'every-feature-policy': someDomain({
    virtType: 'kvm',
    spec: {
      cpu: {
        cores: 1,
        sockets: 1,
        threadsPerCore: 1,
        features: [
          { name: 'vmx', policy: 'force' },
          { name: 'aes', policy: 'require' },
          { name: 'avx512f', policy: 'optional' },
          { name: 'invtsc', policy: 'disable' },
          { name: 'svm', policy: 'forbid' },
        ],
      },
    },
  }),
  uefi: someDomain({ virtType: 'kvm', spec: { firmware: 'uefi', disks: [{ sizeGib: 10 }] } }),
  topology: someDomain({
    spec: { cpu: { cores: 8, sockets: 2, threadsPerCore: 2, features: [] }, memory: { sizeMib: 8192 } },
  }),
  hotplug: someDomain({
    spec: { cpu: { cores: 2, maxCores: 8, sockets: 2 }, memory: { sizeMib: 1024, maxSizeMib: 4096 } },
  }),
  'three-disks': someDomain({ spec: { disks: [{ sizeGib: 1 }, { baseImage: 'debian-12.qcow2' }, { sizeGib: 100 }] } }),
  cdrom: someDomain({ spec: { disks: [{ sizeGib: 10 }], cdroms: [{ iso: 'installer.iso' }] } }),
  'two-cdroms-and-no-disk': someDomain({ spec: { cdroms: [{ iso: 'a.iso' }, { iso: 'Ünï & <b>.iso' }] } }),
  nics: someDomain({
    spec: {
      nics: [
        { network: 'default' },
        { network: 'lab "2"', model: 'e1000e', bandwidthMbps: 100 },
        { bridge: 'br0', model: 'e1000', mac: '52:54:00:ab:cd:ef' },
        { bridge: 'br0', model: 'rtl8139' },
      ],
    },
  }),
  'disks-on-every-bus': someDomain({
    spec: {
      disks: [
        { sizeGib: 1, cache: 'none', io: 'native', discard: 'ignore' },
        { baseImage: 'data.qcow2', readOnly: true, cache: 'unsafe' },
        { sizeGib: 1, bus: 'scsi', cache: 'directsync', io: 'io_uring' },
        { sizeGib: 1, bus: 'scsi', target: 'sdaa', iopsLimit: 500 },
        { sizeGib: 1, bus: 'sata', cache: 'writethrough', iopsLimit: 500, throughputLimitMibps: 100 },
      ],
      cdroms: [{ iso: null }],
    },
  }),
  'many-scsi-disks': someDomain({ spec: { disks: Array(24).fill({ sizeGib: 1, bus: 'scsi' }) } }),
  'many-sata-drives': someDomain({
    spec: { disks: Array(24).fill({ sizeGib: 1, bus: 'sata' }), cdroms: Array(4).fill({ iso: 'a.iso' }) },
  }),
  'network-boot': someDomain({
    spec: {
      disks: [{ sizeGib: 1 }],
      cdroms: [{ iso: 'a.iso' }],
      nics: [{ network: 'default' }, { network: 'default' }],
      bootOrder: ['network', 'cdrom'],
    },
  }),
  'secure-boot': someDomain({ spec: { firmware: 'uefi', secureBoot: true, disks: [{ sizeGib: 10 }] } }),
  tpm: someDomain({ spec: { tpm: true } }),
  watchdog: someDomain({ spec: { watchdog: { action: 'pause' } } }),
  'serial-log': someDomain({ spec: { serial: { log: true } } }),
  spice: someDomain({ spec: { display: { type: 'spice' }, video: { model: 'qxl', memoryKib: 131_072 } } }),
  headless: someDomain({ spec: { display: { type: 'none' }, video: { model: 'none' }, rng: false } }),
  'display-password': someDomain({ spec: { display: { passwordSet: true } }, displayPassword: `a'<"&>` }),
  'cloud-init': someDomain({ spec: { disks: [{ sizeGib: 10 }], cloudInit: {} } }),
  'cloud-init-on-scsi': someDomain({ spec: { guestOs: 'openbsd', cloudInit: {} } }),
  'cloud-init-on-sata': someDomain({
    spec: { guestOs: 'windows_server', disks: [{ sizeGib: 10 }], cdroms: [{ iso: 'a.iso' }], cloudInit: {} },
  }),
  hugepages: someDomain({ spec: { memory: { sizeMib: 256, hugepages: true } } }),
  clock: someDomain({
    spec: { clock: { offset: 'localtime', hpet: true, kvmclock: false, hypervclock: true }, hyperv: ['spinlocks'] },
  }),
  ...Object.fromEntries(
    guestOses.map((guestOs) => [
      `guest-os-${guestOs}`,
      someDomain({
        virtType: 'kvm',
        spec: { guestOs, disks: [{ sizeGib: 1 }], cdroms: [{ iso: 'installer.iso' }], nics: [{ network: 'default' }] },
      }),
    ]),
  ),
  'text-of-users': someDomain({
    name: `</name><devices/> & ]]> "quoted" 'too' &#0; &lt; ☃ 🐧`,
    description: 'first line\nsecond line <!-- not a comment --> <![CDATA[ not one ]]>\ttab',
  }),
  everything: someDomain({
    virtType: 'kvm',
    name: 'db-7',
    description: 'The reporting database',
    spec: {
      cpuMode: 'host-passthrough',
      cpu: { cores: 4, sockets: 1, threadsPerCore: 2, features: [{ name: 'vmx', policy: 'disable' }] },
      memory: { sizeMib: 65536 },
      disks: [{ sizeGib: 20, baseImage: 'debian-12.qcow2' }, { sizeGib: 500 }],
      cdroms: [{ iso: 'tools.iso' }],
      nics: [{ network: 'default' }],
    },
  }),
}
