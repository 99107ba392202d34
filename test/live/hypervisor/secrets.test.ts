import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { domainOf } from './node-vms.ts'
import { knockOnVnc } from './vnc.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`secrets on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode()
  })
  afterAll(() => node?.close())

  const password = 'k3T9w2Qa'

  async function aVmWithPassword(): Promise<string> {
    const vm = aDefinition({ displayPassword: password, spec: { display: { passwordSet: true } } })
    const { vmId } = vm
    for (const disk of vm.spec.disks) await node.hypervisor.createDisk({ vmId, ...disk })
    await node.hypervisor.defineVm(vm)
    return vmId
  }

  async function displayPort(vmId: string): Promise<number> {
    const xml = await readLiveXml(node.connection, await domainOf(node, vmId))
    return Number(/<graphics type='vnc' port='(\d+)'/.exec(xml)?.[1])
  }

  async function expectAsked(vmId: string): Promise<void> {
    const port = await displayPort(vmId)
    expect(await knockOnVnc(port, null)).toBe('refused')
    expect(await knockOnVnc(port, 'wrong')).toBe('refused')
    expect(await knockOnVnc(port, password)).toBe('opened')
  }

  test('a display without a password asks for none', async () => {
    const vm = aDefinition({ spec: { disks: [] } })
    await node.hypervisor.defineVm(vm)
    await node.hypervisor.startVm(vm.vmId)
    expect(await knockOnVnc(await displayPort(vm.vmId), null)).toBe('opened')
  })

  test('a password is asked for, and stands after snapshots, a revert, a reclaim and the next start', async () => {
    const { hypervisor } = node
    const vmId = await aVmWithPassword()
    await hypervisor.startVm(vmId)
    await expectAsked(vmId)

    const taken = []
    for (const includeMemory of [false, true]) {
      const snapshotId = randomUUID()
      taken.push({
        ...(await hypervisor.createSnapshot({ vmId, snapshotId, includeMemory, quiesce: null })),
        snapshotId,
      })
    }
    const [diskOnly, memory] = taken as [(typeof taken)[0], (typeof taken)[0]]
    expect(JSON.stringify(taken)).not.toContain(password)

    const revert = { vmId, keepAs: null, start: true }
    await hypervisor.revertToSnapshot({ ...revert, operationId: randomUUID(), snapshot: memory })
    await expectAsked(vmId)
    const undone = { ...revert, operationId: randomUUID(), snapshot: diskOnly }
    await hypervisor.revertToSnapshot(undone)
    await expectAsked(vmId)
    await hypervisor.undoRevert(undone)
    await hypervisor.reclaimFiles({ vmId, keep: [] })
    expect(await hypervisor.checkDisks({ vmId, snapshots: [] })).toBeNull()
    await hypervisor.destroyVm(vmId)
    await hypervisor.reclaimFiles({ vmId, keep: [] })
    await hypervisor.startVm(vmId)
    await expectAsked(vmId)
  })

  test('the files that hold it are for root alone, and QEMU is told of it by its monitor', async () => {
    const vmId = await aVmWithPassword()
    await node.hypervisor.startVm(vmId)
    const { name } = await domainOf(node, vmId)
    const holding = execFileSync('grep', ['-rlF', password, node.host.directory], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(holding.filter((file) => !file.includes('/proc/')).map((file) => path.basename(file))).toContain(
      `${name}.xml`,
    )
    for (const file of holding) {
      // Others than the owner may neither read nor write it.
      expect([file, (await stat(file)).mode & 0o077]).toEqual([file, 0])
    }
    expect(await readFile(path.join(node.host.directory, 'log/qemu', `${name}.log`), 'utf8')).not.toContain(password)
  })

  test('the seed is for the user that QEMU runs as alone, and libvirt starts with it on each bus', async () => {
    for (const bus of ['virtio', 'scsi', 'sata'] as const) {
      const vm = aDefinition({ spec: { disks: [{ sizeGib: 1, bus }], cloudInit: {} } })
      const { vmId } = vm
      await node.hypervisor.createDisk({ vmId, target: vm.spec.disks[0]?.target ?? '', sizeGib: 1 })
      const files = async () => ({ 'meta-data': '', 'user-data': '#!/bin/sh\n' })
      await node.hypervisor.ensureSeed({ vmId, revision: '1', files })
      const { mode, uid } = await stat(path.join(node.options.poolDirectory, `${vmId}.seed.iso`))
      expect([mode & 0o777, uid]).toEqual([0o600, 0])
      await node.hypervisor.defineVm(vm)
      await node.hypervisor.startVm(vmId)
      expect((await node.hypervisor.observeVm(vmId))?.state).toBe('RUNNING')
    }
    expect(node.warnings).toEqual([])
  })
})
