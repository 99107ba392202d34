import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { VmSpec } from '#db/vm-spec.ts'
import type { DomainParameters } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { readXml } from '#worker/hypervisor/libvirt/xml/read.ts'
import { specFromDefinition } from '#worker/hypervisor/libvirt/xml/read-spec.ts'
import type { DriveFiles } from '#worker/hypervisor/libvirt/xml/read-spec-drives.ts'
import { foreignDefinition } from '../foreign-definitions.ts'
import { goldenDomains } from './domain-specs.ts'

const files: DriveFiles = {
  isOwn: (file) => path.dirname(file) === '/var/lib/quantix/pool',
  imageName: (file) => (path.dirname(file) === '/var/lib/quantix/images' ? path.basename(file) : null),
}

/** All of a VM's spec that its definition says: not whose defaults it has, nor what its disks were made of. */
const saidIn = ({ spec, cpuFeatures }: DomainParameters) => ({
  ...spec,
  guestOs: 'generic',
  cpu: { ...spec.cpu, features: cpuFeatures },
  disks: (spec as VmSpec).disks.map(({ sizeGib: _, baseImage: __, ...disk }) => disk),
})

/** What is on a drive for cloud-init is in no definition. */
const readable = Object.entries(goldenDomains).filter(([, { spec }]) => spec.cloudInit === null)

describe('the spec of one of our own definitions', () => {
  test.for(readable)('is the one that it was made of: %s', ([, vm]) => {
    const { spec, unmanaged, tscFrequencyHz } = specFromDefinition(readXml(domainXml(vm)), files)
    expect(spec).toEqual(saidIn(vm))
    expect(unmanaged).toEqual({ devices: [], disks: [] })
    expect(tscFrequencyHz).toBe(vm.tscFrequencyHz)
  })

  test.for(readable)('gives the definition again: %s', ([name, vm]) => {
    const { spec } = specFromDefinition(readXml(domainXml(vm)), files)
    const golden = readFileSync(new URL(`../../../../golden/domain/${name}.xml`, import.meta.url), 'utf8')
    expect(unmarked(`${domainXml({ ...vm, spec, cpuFeatures: spec.cpu.features })}\n`)).toBe(unmarked(golden))
  })
})

/** The spec stands in the marker too, and what the node needs of the CPU is not in it. */
const unmarked = (xml: string) => xml.replace(/<quantix:spec>.*<\/quantix:spec>/s, '')

const read = (name: Parameters<typeof foreignDefinition>[0]) =>
  specFromDefinition(readXml(foreignDefinition(name)), files)

describe('the spec of a definition that others wrote', () => {
  test('is that of a Debian of virt-install, with a disk that is not ours', () => {
    expect(read('virt-install')).toEqual({
      spec: {
        guestOs: 'generic',
        cpuMode: 'host-passthrough',
        cpu: { cores: 2, sockets: 2, threadsPerCore: 1, features: [] },
        memory: { sizeMib: 2048, hugepages: false },
        firmware: 'bios',
        secureBoot: false,
        tpm: true,
        bootOrder: ['disk'],
        clock: { offset: 'utc', hpet: false, kvmclock: true, hypervclock: false },
        hyperv: [],
        disks: [{ target: 'vda', bus: 'virtio', cache: 'writeback', io: 'threads', discard: 'unmap', readOnly: false }],
        cdroms: [{ target: 'sda', iso: null }],
        nics: [{ mac: '52:54:00:3f:a1:07', model: 'virtio', network: 'default' }],
        cloudInit: null,
        display: { type: 'vnc', passwordSet: false },
        video: { model: 'virtio' },
        serial: { log: false },
        watchdog: null,
        rng: true,
      },
      unmanaged: { devices: ['input'], disks: ['vda'] },
      tscFrequencyHz: null,
    })
  })

  test('is that of a Windows of virt-manager, without the ISO of its user and the devices of SPICE', () => {
    const { spec, unmanaged } = read('virt-manager-windows')
    expect(spec).toMatchObject({
      cpuMode: 'host-model',
      cpu: { cores: 2, sockets: 1, threadsPerCore: 2 },
      firmware: 'uefi',
      secureBoot: true,
      tpm: false,
      bootOrder: ['disk'],
      clock: { offset: 'localtime', hpet: false, kvmclock: true, hypervclock: true },
      hyperv: ['relaxed', 'vapic', 'spinlocks'],
      disks: [{ target: 'sda', bus: 'sata', cache: 'none', io: 'native', discard: 'ignore' }],
      cdroms: [],
      nics: [{ mac: '52:54:00:6b:3c:58', model: 'e1000e', network: 'default' }],
      display: { type: 'spice' },
      video: { model: 'qxl', memoryKib: 65_536 },
      rng: false,
    })
    expect(unmanaged).toEqual({
      devices: ['cdrom', 'channel', 'input', 'redirdev', 'sound'],
      disks: ['sda'],
    })
  })

  test('keeps a CPU model of its own, disks on volumes and Ceph, and a card that we do not make: as Proxmox has it', () => {
    const { spec, unmanaged } = read('proxmox-like')
    expect(spec).toMatchObject({
      cpuMode: 'custom',
      cpu: {
        cores: 4,
        sockets: 2,
        threadsPerCore: 1,
        features: [
          { name: 'lahf_lm', policy: 'require' },
          { name: 'sep', policy: 'require' },
        ],
      },
      memory: { sizeMib: 4096, maxSizeMib: 8192 },
      bootOrder: ['disk', 'network'],
      disks: [
        { target: 'sda', bus: 'scsi', cache: 'none', io: 'io_uring', iopsLimit: 5000, throughputLimitMibps: 200 },
        { target: 'sdb', bus: 'scsi', cache: 'writeback', io: 'threads' },
      ],
      cdroms: [],
      nics: [{ mac: 'bc:24:11:7a:01:9e', model: 'virtio', bridge: 'vmbr0', bandwidthMbps: 100 }],
    })
    expect(unmanaged).toEqual({ devices: ['cdrom', 'input', 'interface'], disks: ['sda', 'sdb'] })
  })

  test('counts the vCPUs that there may be, and leaves out what oVirt adds', () => {
    const { spec, unmanaged } = read('ovirt-like')
    expect(spec).toMatchObject({
      cpuMode: 'custom',
      cpu: { cores: 16, sockets: 16, threadsPerCore: 1 },
      memory: { sizeMib: 4096 },
      disks: [{ target: 'vda' }],
      nics: [{ bridge: 'ovirtmgmt' }],
      video: { model: 'none' },
      watchdog: { action: 'none' },
    })
    expect(unmanaged).toEqual({ devices: ['channel', 'interface', 'lun', 'video'], disks: ['vda', 'sdb'] })
  })

  test('boots in the order that stands beside the firmware, from what there is', () => {
    const { spec, unmanaged } = read('cockpit')
    expect(spec).toMatchObject({
      cpuMode: 'host-model',
      firmware: 'uefi',
      secureBoot: false,
      bootOrder: ['disk', 'network'],
      clock: { hpet: true, kvmclock: false },
      disks: [
        { target: 'vda', readOnly: false },
        { target: 'vdb', readOnly: true, cache: 'writethrough' },
      ],
    })
    expect(unmanaged).toEqual({ devices: ['disk'], disks: ['vda', 'vdb', 'sda'] })
  })

  test('names what is passed through from the node, and what QEMU is told past libvirt', () => {
    const { spec, unmanaged } = read('passthrough')
    expect(spec).toMatchObject({
      cpuMode: 'maximum',
      cpu: { cores: 4, sockets: 1, threadsPerCore: 2 },
      memory: { sizeMib: 8192, hugepages: true },
      display: { type: 'none' },
      video: { model: 'none' },
    })
    expect(unmanaged).toEqual({
      devices: ['filesystem', 'hostdev', 'input', 'qemu:commandline', 'shmem'],
      disks: ['vda'],
    })
  })
})
