import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VmSpec } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { readInactiveXml, readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { domainOf } from './node-vms.ts'
import { knockOnVnc } from './vnc.ts'

const unavailable = libvirtAvailable()

const withPasswordSet = (vm: VmDefinition, passwordSet: boolean): VmDefinition => ({
  ...vm,
  spec: { ...vm.spec, display: { ...vm.spec.display, passwordSet } },
})

describe.skipIf(unavailable)(`secrets on libvirt${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode()
  })
  afterAll(() => node?.close())

  const password = 'k3T9w2Qa'

  async function aVmWithPassword(given = password, display: Partial<VmSpec['display']> = {}): Promise<VmDefinition> {
    const vm = aDefinition({ displayPassword: given, spec: { display: { ...display, passwordSet: true } } })
    const { vmId } = vm
    for (const disk of vm.spec.disks) await node.hypervisor.createDisk({ vmId, ...disk })
    await node.hypervisor.defineVm(vm)
    return vm
  }

  async function displayPort(vmId: string): Promise<number> {
    const xml = await readLiveXml(node.connection, await domainOf(node, vmId))
    return Number(/<graphics type='vnc' port='(\d+)'/.exec(xml)?.[1])
  }

  async function expectAsked(vmId: string, asked = password): Promise<void> {
    const port = await displayPort(vmId)
    expect(await knockOnVnc(port, null)).toBe('refused')
    expect(await knockOnVnc(port, 'wrong')).toBe('refused')
    expect(await knockOnVnc(port, asked)).toBe('opened')
  }

  test('a display without a password asks for none', async () => {
    const vm = aDefinition({ spec: { disks: [] } })
    await node.hypervisor.defineVm(vm)
    await node.hypervisor.startVm(vm.vmId)
    expect(await knockOnVnc(await displayPort(vm.vmId), null)).toBe('opened')
  })

  test('a password is asked for, and stands after snapshots, a revert, a reclaim and the next start', async () => {
    const { hypervisor } = node
    const { vmId } = await aVmWithPassword()
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

  test('a password is another one at once; one that comes or goes waits for the next start', async () => {
    const { hypervisor } = node
    const other = `4<&"'>n`
    const vm = await aVmWithPassword()
    const { vmId } = vm
    const asking = { ...vm, displayPassword: other }
    const open = withPasswordSet({ ...vm, displayPassword: null }, false)
    const runsWithPassword = async () => (await hypervisor.observeVm(vmId))?.runningSpec?.display.passwordSet
    const restart = async () => {
      await hypervisor.destroyVm(vmId)
      await hypervisor.startVm(vmId)
    }
    await hypervisor.startVm(vmId)
    const snapshotId = randomUUID()
    const saved = await hypervisor.createSnapshot({ vmId, snapshotId, includeMemory: true, quiesce: null })
    for (let time = 0; time < 2; time++) {
      await hypervisor.changeSpec({ ...vm, displayPassword: null }, asking)
      await hypervisor.hotplugVm(asking)
    }
    await expectAsked(vmId, other)
    expect(await knockOnVnc(await displayPort(vmId), password)).toBe('refused')
    const snapshot = { ...saved, snapshotId }
    await hypervisor.revertToSnapshot({ vmId, operationId: randomUUID(), snapshot, keepAs: null, start: true })
    await expectAsked(vmId, password)
    await restart()
    await expectAsked(vmId, other)

    for (let time = 0; time < 2; time++) await hypervisor.changeSpec({ ...vm, displayPassword: 'any' }, open)
    await hypervisor.hotplugVm(open)
    await expectAsked(vmId, other)
    expect(await runsWithPassword()).toBe(true)
    await restart()
    expect(await knockOnVnc(await displayPort(vmId), null)).toBe('opened')
    expect(await runsWithPassword()).toBe(false)

    await hypervisor.changeSpec(open, asking)
    await hypervisor.hotplugVm(asking)
    expect(await knockOnVnc(await displayPort(vmId), null)).toBe('opened')
    expect(await runsWithPassword()).toBe(false)
    await restart()
    await expectAsked(vmId, other)
  })

  test('a display with a password that VNC does not know cannot become one of VNC', async () => {
    const vm = await aVmWithPassword('a'.repeat(9), { type: 'spice' })
    const before = { ...vm, displayPassword: null }
    const onVnc = { ...before, spec: { ...vm.spec, display: { type: 'vnc', passwordSet: true } as const } }
    const definition = async () => readInactiveXml(node.connection, await domainOf(node, vm.vmId))
    const asItWas = await definition()
    await expect(node.hypervisor.changeSpec(before, onVnc)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'VNC_PASSWORD_TOO_LONG',
    })
    expect(await definition()).toBe(asItWas)
    const short = { ...vm, displayPassword: 'k3T9w2Qa' }
    await node.hypervisor.changeSpec(before, short)
    await node.hypervisor.changeSpec(before, onVnc)
    expect(await definition()).toContain("<graphics type='vnc'")
  })

  test('the files that hold it are for root alone, and QEMU is told of it by its monitor', async () => {
    const { vmId } = await aVmWithPassword()
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
