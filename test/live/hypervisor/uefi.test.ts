import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { nvramCopyVolume, nvramVolume } from '#worker/hypervisor/storage-names.ts'
import { firmwareUnavailable } from './firmware.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aVm, domainOf, filesOf } from './node-vms.ts'
import { revertTo, take } from './revert-calls.ts'

const unavailable = libvirtAvailable() ?? firmwareUnavailable()

describe.skipIf(unavailable)(`a UEFI VM on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const inPool = (file: string) => path.join(node.options.poolDirectory, file)
  const aUefiVm = () => aVm(node, { firmware: 'uefi' })
  const nvramOf = (vmId: string) => readFile(inPool(nvramVolume(vmId)))

  /** As a firmware would: somewhere in the file. */
  async function changeNvram(vmId: string, byte: number): Promise<void> {
    const content = await nvramOf(vmId)
    content[content.length - 1] = byte
    await writeFile(inPool(nvramVolume(vmId)), content)
  }
  const nvramByte = async (vmId: string) => (await nvramOf(vmId)).at(-1)

  test('runs its firmware, which keeps its variables in the pool', async () => {
    const vmId = await aUefiVm()
    await node.hypervisor.startVm(vmId)
    const live = await readLiveXml(node.connection, await domainOf(node, vmId))
    const template = await readFile(/<nvram template='([^']*)'/.exec(live)?.[1] ?? '')
    await expect.poll(async () => (await nvramOf(vmId)).equals(template), { timeout: 60_000 }).toBe(false)
  })

  test.for([true, false])(
    'going back brings back its variables, from a running VM, with memory: %s',
    async (memory) => {
      const vmId = await aUefiVm()
      await node.hypervisor.startVm(vmId)
      const snapshot = await take(node, vmId, memory)
      expect(snapshot.nvramVolume).toBe(nvramCopyVolume(vmId, snapshot.snapshotId))
      const then = await readFile(inPool(snapshot.nvramVolume ?? ''))
      await node.hypervisor.destroyVm(vmId)
      await changeNvram(vmId, 0x5a)
      await node.hypervisor.revertToSnapshot(revertTo(vmId, snapshot))
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe(memory ? 'RUNNING' : 'STOPPED')
      if (!memory) expect((await nvramOf(vmId)).equals(then)).toBe(true)
      expect(await nvramByte(vmId)).not.toBe(0x5a)
    },
  )

  test('goes back and forth between snapshots, and what was current is kept with its variables', async () => {
    const vmId = await aUefiVm()
    const neverRan = await take(node, vmId)
    expect(neverRan.nvramVolume).toBeNull()
    await node.hypervisor.startVm(vmId)
    await node.hypervisor.destroyVm(vmId)
    await changeNvram(vmId, 1)
    const first = await take(node, vmId)
    await changeNvram(vmId, 2)

    const keepAs = randomUUID()
    const { kept } = await node.hypervisor.revertToSnapshot(revertTo(vmId, first, { keepAs }))
    expect(await nvramByte(vmId)).toBe(1)
    expect(kept?.nvramVolume).toBe(nvramCopyVolume(vmId, keepAs))
    await changeNvram(vmId, 3)
    expect((await readFile(inPool(kept?.nvramVolume ?? ''))).at(-1)).toBe(2)
    expect((await readFile(inPool(first.nvramVolume ?? ''))).at(-1)).toBe(1)

    await node.hypervisor.revertToSnapshot(revertTo(vmId, neverRan))
    expect(await filesOf(node, vmId)).not.toContain(nvramVolume(vmId))
    await node.hypervisor.revertToSnapshot(revertTo(vmId, { ...first, ...kept, snapshotId: keepAs }))
    expect(await nvramByte(vmId)).toBe(2)
  })

  test('a revert that is undone leaves the variables that were current', async () => {
    const vmId = await aUefiVm()
    await node.hypervisor.startVm(vmId)
    await node.hypervisor.destroyVm(vmId)
    await changeNvram(vmId, 1)
    const snapshot = await take(node, vmId)
    await changeNvram(vmId, 2)
    const before = await filesOf(node, vmId)
    for (const keepAs of [null, randomUUID()]) {
      const request = revertTo(vmId, snapshot, { keepAs })
      await node.hypervisor.revertToSnapshot(request)
      await node.hypervisor.undoRevert(request)
      expect(await nvramByte(vmId)).toBe(2)
      expect(await filesOf(node, vmId)).toEqual(before)
    }
  })

  test('that is deleted leaves no file', async () => {
    const vmId = await aUefiVm()
    await node.hypervisor.startVm(vmId)
    await node.hypervisor.destroyVm(vmId)
    await take(node, vmId)
    await node.hypervisor.undefineVm(vmId)
    await node.hypervisor.deleteVmFiles(vmId)
    expect(await filesOf(node, vmId)).toEqual([])
  })
})
