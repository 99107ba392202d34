import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlaysMaxOf } from '#db/rules/chain-depth.ts'
import type { CpuMode } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readInactiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { readVmState } from '#worker/hypervisor/libvirt/snapshot/state.ts'
import { takeActive } from '#worker/hypervisor/libvirt/snapshot/take.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aPausedVm, aRunningVm, aVm, domainOf, filesOf, snapshotOf, sourcesOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`snapshots on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode()
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const inPool = (file: string) => path.join(node.options.poolDirectory, file)

  async function requireMode(mode: CpuMode, skip: (note: string) => void): Promise<void> {
    const support = (await node.hypervisor.probeCpuModes()).find((found) => found.mode === mode)
    if (!support?.supported) skip(`${mode} does not run here: ${support?.message}`)
  }

  const kinds = [
    { state: 'running', make: aRunningVm, includeMemory: false, kind: 'disk-only' },
    { state: 'running', make: aRunningVm, includeMemory: true, kind: 'memory' },
    { state: 'paused', make: aPausedVm, includeMemory: false, kind: 'disk-only' },
    { state: 'paused', make: aPausedVm, includeMemory: true, kind: 'memory' },
    { state: 'stopped', make: aVm, includeMemory: false, kind: 'offline' },
    { state: 'stopped', make: aVm, includeMemory: true, kind: 'offline' },
  ] as const
  const modes = ['host-model', 'host-passthrough'] as const

  test('of a guest that stands still since its memory was saved says that it must run first, and is taken without', async () => {
    const vmId = await aPausedVm(node)
    await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))
    const before = await sourcesOf(node, vmId)
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'VM_IS_PAUSED',
    })
    expect(await sourcesOf(node, vmId)).toEqual(before)
    const taken = await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: false }))
    expect(taken.kind).toBe('disk-only')
    await node.hypervisor.resumeVm(vmId)
    await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))
  })

  test.for(modes.flatMap((cpuMode) => kinds.map((kind) => ({ cpuMode, ...kind }))))(
    'of a $state $cpuMode VM, with memory: $includeMemory',
    async ({ cpuMode, state, make, includeMemory, kind }, { skip }) => {
      await requireMode(cpuMode, skip)
      const vmId = await make(node, { cpuMode, disks: [{ sizeGib: 1 }, { sizeGib: 1 }] })
      const before = await sourcesOf(node, vmId)
      const request = snapshotOf(vmId, { includeMemory })

      if (cpuMode === 'host-passthrough' && kind === 'memory') {
        await expect(node.hypervisor.createSnapshot(request)).rejects.toMatchObject({
          reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
        })
        expect(await sourcesOf(node, vmId)).toEqual(before)
        return
      }

      const taken = await node.hypervisor.createSnapshot(request)
      expect(taken.kind).toBe(kind)
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe(state.toUpperCase())
      expect(taken.disks.map(({ volume }) => inPool(volume))).toEqual(before.inactive)
      const overlays = taken.disks.map(({ target }) => inPool(overlayVolume(vmId, target, request.snapshotId)))
      expect(await sourcesOf(node, vmId)).toEqual({
        live: overlays,
        inactive: overlays,
        qemu: state === 'stopped' ? [] : overlays,
      })
      for (const overlay of overlays) expect((await stat(overlay)).mode & 0o777).toBe(0o600)
      expect(taken.sizeBytes).toBeGreaterThan(0)
      const { ret } = await node.connection.call(remote.domainListAllSnapshots, {
        dom: await domainOf(node, vmId),
        needResults: 0,
        flags: 0,
      })
      expect(ret).toBe(0)
      if (kind === 'memory') {
        const file = inPool(taken.memoryVolume ?? '')
        const saved = await node.connection.call(remote.domainSaveImageGetXmlDesc, { file, flags: 0 })
        expect(readDomain(saved.xml).disks.map(({ path }) => path)).toEqual(before.inactive)
      }
    },
  )

  test('of every kind after each other makes one chain, and the next start opens all of it', async () => {
    const vmId = await aRunningVm(node)
    const overlays: string[] = []
    const take = async (includeMemory: boolean) => {
      const request = snapshotOf(vmId, { includeMemory })
      await node.hypervisor.createSnapshot(request)
      overlays.unshift(overlayVolume(vmId, 'vda', request.snapshotId))
    }
    await take(false)
    await take(true)
    await node.hypervisor.destroyVm(vmId)
    await take(false)
    await take(false)
    await node.hypervisor.startVm(vmId)
    await take(true)
    await node.hypervisor.destroyVm(vmId)
    await node.hypervisor.startVm(vmId)
    const [disk] = await readQemuDisks(node.connection, await domainOf(node, vmId))
    expect(disk?.chain.map((file) => path.basename(file))).toEqual([...overlays, `${vmId}.vda.qcow2`])
  })

  test('keeps the definition of that time, naming the frozen files, in a form that libvirt takes back', async () => {
    for (const make of [aVm, aRunningVm]) {
      const vmId = await make(node)
      const before = await readInactiveXml(node.connection, await domainOf(node, vmId))
      const { domainXml } = await node.hypervisor.createSnapshot(snapshotOf(vmId))
      expect(domainXml).toBe(before)
      await node.connection.call(remote.domainDefineXmlFlags, { xml: domainXml, flags: 1 })
    }
  })

  test('of a paused VM cannot be quiesced, nor of one without a guest agent; nothing is changed', async () => {
    const paused = await aPausedVm(node)
    const running = await aRunningVm(node)
    for (const [vmId, reason] of [
      [paused, 'VM_IS_PAUSED'],
      [running, 'GUEST_AGENT_NOT_CONNECTED'],
    ] as const) {
      const request = snapshotOf(vmId, { quiesce: { policy: 'require', timeoutSeconds: 60 } })
      await expect(node.hypervisor.createSnapshot(request)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason,
      })
      expect(await filesOf(node, vmId)).toEqual([`${vmId}.vda.qcow2`])
    }
  })

  test("libvirt's own refusal of a memory snapshot is the same error", async ({ skip }) => {
    await requireMode('host-passthrough', skip)
    const vmId = await aRunningVm(node, { cpuMode: 'host-passthrough' })
    const pool = storagePool(node.connection, {
      name: `quantix-${node.options.nodeId.slice(0, 8)}`,
      path: node.options.poolDirectory,
    })
    const vm = await readVmState(node.connection, pool, vmId)
    await expect(
      takeActive({ slowConnection: node.connection, pool }, vm, 'past-the-rule', true),
    ).rejects.toMatchObject({
      reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
      cause: { code: 55 },
    })
  })

  test('leaves a cdrom alone', async () => {
    await node.addImage('tools.iso', 2 ** 20)
    const vmId = await aRunningVm(node, { cdroms: [{ iso: 'tools.iso' }] })
    const { disks } = await node.hypervisor.createSnapshot(snapshotOf(vmId))
    expect(disks.map(({ target }) => target)).toEqual(['vda'])
  })

  test('is refused for a VM with a disk that is not the worker’s', async () => {
    const foreign = path.join(node.host.directory, 'foreign.raw')
    await writeFile(foreign, Buffer.alloc(2 ** 20))
    const vmId = await aVm(node)
    await node.connection.call(remote.domainAttachDeviceFlags, {
      dom: await domainOf(node, vmId),
      xml: `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${foreign}'/><target dev='vdz' bus='virtio'/></disk>`,
      flags: 2,
    })
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'DISK_NOT_MANAGED',
    })
  })

  test('is refused on top of as many others as the node’s libvirt can start, with the remedy', async () => {
    const vmId = await aVm(node)
    const overlaysMax = overlaysMaxOf((await node.hypervisor.describeNode()).libvirtVersion ?? '')
    for (let n = 0; n < overlaysMax; n++) await node.hypervisor.createSnapshot(snapshotOf(vmId))
    const error = await node.hypervisor.createSnapshot(snapshotOf(vmId)).catch((refused) => refused)
    expect(error).toMatchObject({ code: 'resource_exhausted', reason: 'CHAIN_TOO_DEEP' })
    expect(error.message).toContain('Delete some')
    await node.hypervisor.startVm(vmId)
    await node.host.restart()
    const state = async () => (await node.hypervisor.observeVm(vmId).catch(() => null))?.state
    await expect.poll(state, { timeout: 20_000 }).toBe('RUNNING')
  })
})
