import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import type { SpecParts } from '#test/support/vm-spec.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { childrenOf, find, readXml } from '#worker/hypervisor/libvirt/xml/read.ts'
import { addLinuxIso } from '../guest/linux-guest.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, domainOf, filesOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a machine on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.addImage('data.img', 2 ** 20)
  })
  afterAll(() => node?.close())

  const liveDevices = async (vmId: string) =>
    find(readXml(await readLiveXml(node.connection, await domainOf(node, vmId))), 'devices')

  test('with disks on every bus, an empty drive, SPICE and a watchdog runs, and shows them so', async () => {
    const vmId = await aRunningVm(node, {
      disks: [
        { sizeGib: 1, cache: 'none', io: 'native', iopsLimit: 500, throughputLimitMibps: 100 },
        { baseImage: 'data.img', readOnly: true },
        { sizeGib: 1, bus: 'scsi' },
        { sizeGib: 1, bus: 'scsi', target: 'sdaa' },
        { sizeGib: 1, bus: 'sata' },
      ],
      cdroms: [{}],
      display: { type: 'spice' },
      watchdog: { action: 'none' },
    })
    const devices = await liveDevices(vmId)
    const targets = childrenOf(devices, 'disk').map((disk) => find(disk, 'target')?.attributes)
    expect(targets.map((target) => `${target?.get('bus')} ${target?.get('dev')}`)).toEqual([
      'virtio vda',
      'virtio vdb',
      'scsi sda',
      'scsi sdaa',
      'sata sdb',
      'sata sdc',
    ])
    const display = find(devices, 'graphics')?.attributes
    expect([display?.get('type'), display?.get('listen')]).toEqual(['spice', '127.0.0.1'])
    await node.hypervisor.destroyVm(vmId)
  })

  test.for(['virtio', 'scsi', 'sata'] as const)('with as many drives as there can be runs: %s', async (bus) => {
    const disks = Array.from({ length: 24 }, () => ({ sizeGib: 1, bus }))
    const vmId = await aRunningVm(node, { disks, cdroms: [{}, {}, {}, {}], nics: [] })
    expect(childrenOf(await liveDevices(vmId), 'disk')).toHaveLength(28)
    await node.hypervisor.destroyVm(vmId)
  })

  test('without a display, a video card and random numbers runs', async () => {
    const vmId = await aRunningVm(node, { display: { type: 'none' }, video: { model: 'none' }, rng: false })
    const devices = await liveDevices(vmId)
    expect(['graphics', 'rng'].map((name) => find(devices, name))).toEqual([undefined, undefined])
    await node.hypervisor.destroyVm(vmId)
  })

  test('whose console is logged has what its guest wrote, until its files are removed', async () => {
    await addLinuxIso(node)
    const vmId = await aRunningVm(node, { serial: { log: true }, cdroms: [{ iso: 'guest.iso' }] })
    const log = path.join(node.options.poolDirectory, `${vmId}.serial.log`)
    await vi.waitFor(async () => expect(await readFile(log, 'utf8')).toContain('ISOLINUX'), { timeout: 60_000 })
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.reclaimFiles({ vmId, keep: [] })
    expect(await filesOf(node, vmId)).toContain(path.basename(log))
    await node.hypervisor.undefineVm(vmId)
    await node.hypervisor.deleteVmFiles(vmId)
    expect(await filesOf(node, vmId)).toEqual([])
  })

  test.skipIf(!existsSync('/usr/bin/swtpm_setup'))(
    'with a TPM (skipped without swtpm) goes back to its memory, and leaves nothing of the TPM when it is removed',
    async () => {
      const vmId = await aRunningVm(node, { tpm: true })
      const request = snapshotOf(vmId, { includeMemory: true })
      const taken = await node.hypervisor.createSnapshot(request)
      await node.hypervisor.revertToSnapshot({
        vmId,
        operationId: randomUUID(),
        snapshot: { ...taken, snapshotId: request.snapshotId },
        keepAs: null,
        start: false,
      })
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
      const states = path.join(node.host.directory, 'lib/swtpm')
      expect(await readdir(states)).toContain(vmId)
      await node.hypervisor.destroyVm(vmId)
      await node.hypervisor.undefineVm(vmId)
      expect(await readdir(states)).not.toContain(vmId)
    },
  )

  test('that needs a Hyper-V enlightenment which the node lacks says so at the start', async ({ skip }) => {
    const { qemuVersion } = await node.hypervisor.describeNode()
    const [qemuMajor] = (qemuVersion ?? '').split('.')
    skip(Number(qemuMajor) >= 10, 'without KVM QEMU 10 starts a VM with any, and gives its guest none')
    const vmId = await aVm(node, { disks: [], hyperv: ['vpindex'] })
    await expect(node.hypervisor.startVm(vmId)).rejects.toMatchObject({ reason: 'HYPERV_NOT_SUPPORTED' })
  })

  const lacking: [string, SpecParts, string | RegExp][] = [
    ['a bridge', { nics: [{ bridge: 'no-such-bridge' }] }, 'BRIDGE_NOT_FOUND'],
    [
      'huge pages',
      { memory: { sizeMib: 1_048_576, hugepages: true } },
      /^(HUGEPAGES_NOT_AVAILABLE|NODE_OUT_OF_MEMORY)$/,
    ],
  ]
  test.for(lacking)('that needs %s which the node lacks says so at the start', async ([, spec, reason]) => {
    const vmId = await aVm(node, { disks: [], ...spec })
    await expect(node.hypervisor.startVm(vmId)).rejects.toMatchObject({ reason: expect.stringMatching(reason) })
  })
})
