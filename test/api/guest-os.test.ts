import { expect, test } from 'vitest'
import { guestOsProfileList } from '#api/guest-os-profiles/schemas.ts'
import { vmSpecInput } from '#api/vms/spec-schema.ts'
import { completeSpec } from '#db/complete-spec.ts'
import { type GuestOs, guestOses } from '#db/guest-os/profiles.ts'
import { contradictionsIn } from '#db/rules/spec-contradictions.ts'

const least = { cpu: { cores: 1 }, memory: { sizeMib: 64 } }
const asked = (parts: object) =>
  vmSpecInput.parse({ ...least, disks: [{ sizeGib: 1 }], nics: [{ network: 'a' }], ...parts }).spec

const vpindexOnwards = ['vpindex', 'runtime', 'synic', 'stimer', 'reset', 'frequencies', 'tlbflush', 'ipi']

/** What the profiles are known for: hpet, paravirtual clock, video, disk bus and cache, card, firmware. */
const table: Record<GuestOs, [boolean, string | null, string, string, string, string]> = {
  generic: [false, 'kvmclock', 'vga', 'virtio writeback', 'virtio', 'bios'],
  rhel: [false, 'kvmclock', 'vga', 'virtio none', 'virtio', 'bios'],
  fedora: [false, 'kvmclock', 'vga', 'virtio none', 'virtio', 'bios'],
  debian: [true, 'kvmclock', 'virtio', 'virtio writeback', 'virtio', 'bios'],
  arch: [true, 'kvmclock', 'virtio', 'virtio writeback', 'virtio', 'bios'],
  suse: [false, 'kvmclock', 'virtio', 'virtio writeback', 'virtio', 'bios'],
  windows_server: [true, 'hypervclock', 'qxl', 'sata writeback', 'e1000e', 'uefi'],
  windows_desktop: [true, 'hypervclock', 'qxl', 'sata writeback', 'e1000e', 'uefi'],
  windows_legacy: [true, null, 'vga', 'sata writeback', 'e1000', 'bios'],
  freebsd: [true, null, 'vga', 'virtio writeback', 'virtio', 'bios'],
  openbsd: [true, null, 'vga', 'scsi writeback', 'virtio', 'bios'],
  netbsd: [true, null, 'vga', 'scsi writeback', 'virtio', 'bios'],
}

test.each(guestOses)('a VM for %s gets what that guest OS runs best on', (guestOs) => {
  const { cpuMode, clock, video, disks, nics, firmware } = asked({ guestOs })
  const paravirtual = clock.kvmclock ? 'kvmclock' : clock.hypervclock ? 'hypervclock' : null
  const drive = `${disks[0]?.bus} ${disks[0]?.cache}`
  expect([clock.hpet, paravirtual, video.model, drive, nics[0]?.model, firmware]).toEqual(table[guestOs])
  expect(cpuMode).toBe('host-model')
})

test('Windows gets the enlightenments that libvirt knows, and a desktop what its installer demands', () => {
  for (const guestOs of ['windows_server', 'windows_desktop']) {
    expect(asked({ guestOs }).hyperv).toEqual(['relaxed', 'vapic', 'spinlocks', ...vpindexOnwards])
  }
  expect(asked({ guestOs: 'windows_desktop' })).toMatchObject({ firmware: 'uefi', secureBoot: true, tpm: true })
  expect(asked({ guestOs: 'windows_server' })).toMatchObject({ firmware: 'uefi', secureBoot: false, tpm: false })
})

test.each([
  ['ubuntu', 'debian'],
  ['rocky', 'rhel'],
  ['win11', 'windows_desktop'],
  ['default', 'generic'],
])('%s is another name of %s, and the profile is what is stored', (name, guestOs) => {
  expect(asked({ guestOs: name })).toMatchObject({ guestOs })
})

test.each(guestOses)('the defaults for %s go together, with whatever drives it has', (guestOs) => {
  for (const cdroms of [[], [{ iso: 'a.iso' }]]) {
    for (const disks of [[], [{ sizeGib: 1 }]]) {
      expect(contradictionsIn(completeSpec({ ...least, guestOs, disks, cdroms }, () => '52:54:00:00:00:01'))).toEqual(
        [],
      )
    }
  }
})

test('each field of a profile can be said otherwise, and what hangs on it follows', () => {
  expect(asked({ guestOs: 'rhel', disks: [{ sizeGib: 1, cache: 'unsafe' }] }).disks[0]).toMatchObject({ io: 'threads' })
  expect(asked({ guestOs: 'windows_desktop', firmware: 'bios' })).toMatchObject({ firmware: 'bios', secureBoot: false })
  expect(asked({ guestOs: 'windows_server', video: { model: 'virtio' } }).video).toEqual({ model: 'virtio' })
  expect(asked({ guestOs: 'openbsd', disks: [{ sizeGib: 1, bus: 'virtio' }] }).disks[0]).toMatchObject({
    target: 'vda',
  })
  const clock = { offset: 'localtime', hpet: false, kvmclock: true, hypervclock: false }
  expect(asked({ guestOs: 'windows_server', clock, hyperv: [], tpm: true })).toMatchObject({
    clock,
    hyperv: [],
    tpm: true,
  })
})

test('a VM boots from what it has: its disks, then its cdroms, and from the network where there are neither', () => {
  expect(asked({}).bootOrder).toEqual(['disk'])
  expect(asked({ cdroms: [{}] }).bootOrder).toEqual(['disk', 'cdrom'])
  expect(asked({ disks: [] }).bootOrder).toEqual(['network'])
  expect(asked({ disks: [], nics: [] }).bootOrder).toEqual([])
})

test('the profiles are listed with what a VM gets of each', () => {
  expect(guestOsProfileList.map(({ name }) => name)).toEqual([...guestOses])
  for (const { name, otherNames, disk, nicModel, videoModel, ...profile } of guestOsProfileList) {
    for (const guestOs of [name, ...otherNames]) {
      const spec = asked({ guestOs })
      expect(spec).toMatchObject({ guestOs: name, ...profile, video: { model: videoModel } })
      expect([spec.disks, spec.nics]).toMatchObject([[disk], [{ model: nicModel }]])
    }
  }
})
