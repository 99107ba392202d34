import { expect, test } from 'vitest'
import { requireRefusal } from './bad-request.ts'
import { everything, startTestApi } from './test-api.ts'

const api = await startTestApi()
const before = await everything(api.database)

const least = { cpu: { cores: 1 }, memory: { sizeMib: 64 } }
const disk = (parts: object) => ({ disks: [{ sizeGib: 1, ...parts }] })
const nic = (parts: object) => ({ nics: [{ network: 'default', ...parts }] })

/** A spec's field that is wrong by itself, and what goes wrong where another one is as it is. */
const outOfRange: [string, object, string][] = [
  ['an unknown cpuMode', { cpuMode: 'host-passthru' }, 'spec.cpuMode'],
  ['0 cores', { cpu: { cores: 0 } }, 'spec.cpu.cores'],
  ['-1 cores', { cpu: { cores: -1 } }, 'spec.cpu.cores'],
  ['1.5 cores', { cpu: { cores: 1.5 } }, 'spec.cpu.cores'],
  ['100,000 cores', { cpu: { cores: 100_000 } }, 'spec.cpu.cores'],
  ['cores as text', { cpu: { cores: '2' } }, 'spec.cpu.cores'],
  ['no cores', { cpu: {} }, 'spec.cpu.cores'],
  ['cores that do not divide by sockets', { cpu: { cores: 3, sockets: 2 } }, 'spec.cpu.cores'],
  ['256 vCPUs', { cpu: { cores: 128, threadsPerCore: 2 } }, 'spec.cpu.cores'],
  ['fewer cores at most than at first', { cpu: { cores: 2, maxCores: 1 } }, 'spec.cpu.maxCores'],
  ['a most of cores that does not divide', { cpu: { cores: 2, maxCores: 3, sockets: 2 } }, 'spec.cpu.maxCores'],
  ['256 vCPUs at most', { cpu: { cores: 2, maxCores: 128, threadsPerCore: 2 } }, 'spec.cpu.maxCores'],
  ['less memory at most than at first', { memory: { sizeMib: 64, maxSizeMib: 63 } }, 'spec.memory.maxSizeMib'],
  ['a balloon of huge pages', { memory: { sizeMib: 64, maxSizeMib: 128, hugepages: true } }, 'spec.memory.maxSizeMib'],
  ['0 sockets', { cpu: { cores: 2, sockets: 0 } }, 'spec.cpu.sockets'],
  [
    'an unknown policy',
    { cpu: { cores: 1, features: [{ name: 'vmx', policy: 'allow' }] } },
    'spec.cpu.features[0].policy',
  ],
  [
    'a feature that is markup',
    { cpu: { cores: 1, features: [{ name: "a'/>", policy: 'force' }] } },
    'spec.cpu.features[0].name',
  ],
  [
    'a feature named twice',
    {
      cpu: {
        cores: 1,
        features: [
          { name: 'vmx', policy: 'force' },
          { name: 'vmx', policy: 'disable' },
        ],
      },
    },
    'spec.cpu.features',
  ],
  ['15 MiB of memory', { memory: { sizeMib: 15 } }, 'spec.memory.sizeMib'],
  ['2 TiB of memory', { memory: { sizeMib: 2_097_152 } }, 'spec.memory.sizeMib'],
  ['2^53 MiB of memory', { memory: { sizeMib: 2 ** 53 } }, 'spec.memory.sizeMib'],
  ['a disk of 0 GiB', { disks: [{ sizeGib: 0 }] }, 'spec.disks[0].sizeGib'],
  ['a disk of 65,537 GiB', { disks: [{ sizeGib: 65_537 }] }, 'spec.disks[0].sizeGib'],
  ['a disk of nothing', { disks: [{}] }, 'spec.disks[0]'],
  ['a disk with a path', { disks: [{ path: '/etc/passwd' }] }, 'spec.disks[0].path'],
  ['25 disks', { disks: Array(25).fill({ sizeGib: 1 }) }, 'spec.disks'],
  ['5 cdroms', { cdroms: Array(5).fill({ iso: 'a.iso' }) }, 'spec.cdroms'],
  ['a network that is a path', { nics: [{ network: 'a/b' }] }, 'spec.nics[0].network'],
  ['an unknown field', { colour: 'red' }, 'spec.colour'],
  ['an unknown field far down', { cpu: { cores: 1, model: 'x' } }, 'spec.cpu.model'],
  ['a field of ours', { nodeId: '4c4c4544-0042-3510-8052-b4c04f4d3732' }, 'spec.nodeId'],
  [
    'two disks on one target',
    {
      disks: [
        { sizeGib: 1, target: 'vda' },
        { sizeGib: 1, target: 'vda' },
      ],
    },
    'spec.disks[1].target',
  ],
  ['a disk on a target that is none', { disks: [{ sizeGib: 1, target: '../vda' }] }, 'spec.disks[0].target'],
  ['an address for many', { nics: [{ network: 'a', mac: '01:00:5e:00:00:01' }] }, 'spec.nics[0].mac'],
  [
    'two cards with one address',
    {
      nics: [
        { network: 'a', mac: '52:54:00:00:00:aa' },
        { network: 'b', mac: '52:54:00:00:00:AA' },
      ],
    },
    'spec.nics[1].mac',
  ],
  ['null for a part', { disks: null }, 'spec.disks'],
  ['an unknown guest OS', { guestOs: 'templeos' }, 'spec.guestOs'],
  ['huge pages as text', { memory: { sizeMib: 64, hugepages: 'yes' } }, 'spec.memory.hugepages'],
  ['a pinned TSC as text', { cpu: { cores: 1, pinnedTsc: 'yes' } }, 'spec.cpu.pinnedTsc'],
  [
    '65 features',
    { cpu: { cores: 1, features: Array.from({ length: 65 }, (_, n) => ({ name: `f${n}`, policy: 'force' })) } },
    'spec.cpu.features',
  ],
  ['0 threads', { cpu: { cores: 1, threadsPerCore: 0 } }, 'spec.cpu.threadsPerCore'],
  ['an unknown firmware', { firmware: 'coreboot' }, 'spec.firmware'],
  ['Secure Boot as text', { secureBoot: 'on' }, 'spec.secureBoot'],
  ['a TPM with a version', { tpm: { version: '1.2' } }, 'spec.tpm'],
  ['an unknown boot device', { bootOrder: ['floppy'] }, 'spec.bootOrder[0]'],
  ['a boot device named twice', { bootOrder: ['disk', 'disk'] }, 'spec.bootOrder'],
  ['an unknown clock offset', { clock: { offset: 'variable' } }, 'spec.clock.offset'],
  ['an unknown timer', { clock: { tsc: true } }, 'spec.clock.tsc'],
  ['a timer as text', { clock: { hpet: 'no' } }, 'spec.clock.hpet'],
  ['a paravirtual clock as a number', { clock: { kvmclock: 1 } }, 'spec.clock.kvmclock'],
  ['the other one as null', { clock: { hypervclock: null } }, 'spec.clock.hypervclock'],
  ['an enlightenment that libvirt does not know', { hyperv: ['reftime'] }, 'spec.hyperv[0]'],
  ['an enlightenment named twice', { hyperv: ['relaxed', 'relaxed'] }, 'spec.hyperv'],
  ['an unknown display', { display: { type: 'rdp' } }, 'spec.display.type'],
  ['a display for everybody', { display: { listen: '0.0.0.0' } }, 'spec.display.listen'],
  ['an unknown video card', { video: { model: 'voodoo' } }, 'spec.video.model'],
  ['512 KiB of video memory', { video: { memoryKib: 512 } }, 'spec.video.memoryKib'],
  ['4 GiB of video memory', { video: { memoryKib: 4_194_304 } }, 'spec.video.memoryKib'],
  ['a log with a path', { serial: { log: '/etc/passwd' } }, 'spec.serial.log'],
  ['an unknown watchdog action', { watchdog: { action: 'explode' } }, 'spec.watchdog.action'],
  ['random numbers from a path', { rng: '/dev/random' }, 'spec.rng'],
  ['a disk on IDE', disk({ bus: 'ide' }), 'spec.disks[0].bus'],
  ['an unknown cache', disk({ cache: 'write-back' }), 'spec.disks[0].cache'],
  ['an unknown way of I/O', disk({ io: 'aio' }), 'spec.disks[0].io'],
  ['an unknown discard', disk({ discard: true }), 'spec.disks[0].discard'],
  ['read-only as text', disk({ readOnly: 'yes' }), 'spec.disks[0].readOnly'],
  ['0 IOPS', disk({ iopsLimit: 0 }), 'spec.disks[0].iopsLimit'],
  ['10,000,001 IOPS', disk({ iopsLimit: 10_000_001 }), 'spec.disks[0].iopsLimit'],
  ['half a MiB per second', disk({ throughputLimitMibps: 0.5 }), 'spec.disks[0].throughputLimitMibps'],
  ['a PiB per second', disk({ throughputLimitMibps: 2 ** 30 }), 'spec.disks[0].throughputLimitMibps'],
  ['a cdrom on a virtio target', { cdroms: [{ target: 'vda' }] }, 'spec.cdroms[0].target'],
  ['an ISO that is a number', { cdroms: [{ iso: 7 }] }, 'spec.cdroms[0].iso'],
  ['9 cards', { nics: Array(9).fill({ network: 'a' }) }, 'spec.nics'],
  ['an unknown card', nic({ model: 'ne2k' }), 'spec.nics[0].model'],
  ['a card without limit', nic({ bandwidthMbps: 0 }), 'spec.nics[0].bandwidthMbps'],
  ['a card as fast as light', nic({ bandwidthMbps: 1_000_001 }), 'spec.nics[0].bandwidthMbps'],
  ['a bridge with a long name', { nics: [{ bridge: 'abcdefghijklmnop' }] }, 'spec.nics[0].bridge'],
  ['a bridge that is a path', { nics: [{ bridge: '../br0' }] }, 'spec.nics[0].bridge'],
]

/** Fields that are right by themselves. */
const contradictory: [string, object, string][] = [
  ['Secure Boot on a BIOS', { secureBoot: true }, 'spec.secureBoot'],
  [
    'Secure Boot on the BIOS of a guest OS',
    { guestOs: 'windows_desktop', firmware: 'bios', secureBoot: true },
    'spec.secureBoot',
  ],
  ['a boot from a cdrom that it has not', { bootOrder: ['disk', 'cdrom'] }, 'spec.bootOrder[1]'],
  ['a boot from a network that it has not', { bootOrder: ['network'] }, 'spec.bootOrder[0]'],
  ['a boot from a disk that it has not', { disks: [], bootOrder: ['disk'] }, 'spec.bootOrder[0]'],
  [
    'a disk and a cdrom on one target',
    { ...disk({ bus: 'sata', target: 'sda' }), cdroms: [{ target: 'sda' }] },
    'spec.cdroms[0].target',
  ],
  ['a SATA disk named as a virtio disk', disk({ bus: 'sata', target: 'vda' }), 'spec.disks[0].target'],
  ['a virtio disk named as a SCSI disk', disk({ target: 'sda' }), 'spec.disks[0].target'],
  ['native I/O through the page cache', disk({ io: 'native', cache: 'writeback' }), 'spec.disks[0].io'],
  ['an empty disk that nobody can write to', disk({ readOnly: true }), 'spec.disks[0].readOnly'],
  [
    'a read-only SATA disk',
    { disks: [{ baseImage: 'a.qcow2', readOnly: true, bus: 'sata' }] },
    'spec.disks[0].readOnly',
  ],
  ['a card on nothing', { nics: [{}] }, 'spec.nics[0]'],
  ['a card on a network and a bridge', nic({ bridge: 'br0' }), 'spec.nics[0]'],
  ['a display of nothing', { video: { model: 'none' } }, 'spec.video.model'],
  ['memory for a card that has none', { video: { model: 'virtio', memoryKib: 16_384 } }, 'spec.video.memoryKib'],
  ['video memory that is no power of two', { video: { memoryKib: 20_000 } }, 'spec.video.memoryKib'],
  ['synic without vpindex', { hyperv: ['synic'] }, 'spec.hyperv[0]'],
  ['stimer without its clock', { hyperv: ['vpindex', 'synic', 'stimer'] }, 'spec.hyperv[2]'],
  ['a pinned TSC of a Flexible VM', { cpu: { cores: 1, pinnedTsc: true } }, 'spec.cpu.pinnedTsc'],
]

test.each([...outOfRange, ...contradictory])(
  'a VM with %s is refused, and the answer names the field',
  async (_, spec, field) => {
    const body = { name: 'web-1', spec: { ...least, ...spec } }
    await requireRefusal(api, { method: 'POST', path: '/api/v1/vms', body }, field, before)
  },
)

test('everything that does not go together is named at once', async () => {
  const spec = { ...least, secureBoot: true, bootOrder: ['network'], nics: [], disks: [{}] }
  const answer = await api.send('POST', '/api/v1/vms', { name: 'web-1', spec })
  const fields = answer.body.details.problems.map((problem: { field: string }) => problem.field)
  expect(fields).toEqual(['spec.secureBoot', 'spec.disks[0]', 'spec.bootOrder[0]'])
})
