import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildGuestIso } from '#infra/guest/build.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { freeze, isFrozen } from '#worker/hypervisor/libvirt/snapshot/freeze.ts'
import { type JournalEntry, snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, domainOf, filesOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

const required = { policy: 'require', timeoutSeconds: 60 } as const

describe.skipIf(unavailable)(`a quiesced snapshot${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let vmId: string
  beforeAll(async () => {
    const cacheDirectory = path.join(import.meta.dirname, '../../../.cache/guest')
    node = await startLibvirtNode({ virtType: 'qemu' })
    await copyFile(await buildGuestIso({ cacheDirectory }), path.join(node.options.imagesDirectory, 'guest.iso'))
  })
  afterAll(() => node?.close())

  beforeAll(async () => {
    vmId = await aGuest()
  })
  afterEach(async () => expect(await frozen(), 'the guest was left frozen').toBe(false))

  /** A VM whose guest has mounted its disk and started its agent. */
  async function aGuest(): Promise<string> {
    const vmId = await aRunningVm(node, {
      memory: { sizeMib: 256 },
      disks: [{ sizeGib: 1 }],
      cdroms: [{ iso: 'guest.iso' }],
    })
    const dom = await domainOf(node, vmId)
    const connected = async () => readDomain(await readLiveXml(node.connection, dom)).guestAgentConnected
    await vi.waitUntil(connected, { timeout: 60_000 })
    // The guest makes and mounts its file system before it starts the agent.
    await vi.waitUntil(async () => !(await isFrozen(node.connection, dom)), { timeout: 30_000 })
    return vmId
  }

  const frozen = async () => isFrozen(node.connection, await domainOf(node, vmId))

  test('is of a frozen guest, which is thawed afterwards', async () => {
    const request = snapshotOf(vmId, { quiesce: required })
    const taken = await node.hypervisor.createSnapshot(request)
    expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced' })
    expect(await frozen()).toBe(false)
    expect(await node.hypervisor.createSnapshot(request)).toEqual(taken)
  })

  test('leaves no guest frozen when the worker is killed after the freeze, and does not call that snapshot taken', async () => {
    const request = snapshotOf(vmId, { quiesce: required })
    await snapshotJournal(node.options.stateDirectory).write(await cutOff(request.snapshotId))
    await freeze(node.connection, await domainOf(node, vmId), 10)
    const restarted = await node.reopen()
    expect(await frozen()).toBe(false)
    const files = await filesOf(node, vmId)
    expect(files.filter((file) => file.includes(request.snapshotId))).toEqual([])
    expect((await restarted.createSnapshot(request)).consistency).toBe('quiesced')
  })

  test('is known as quiesced when the worker is killed before the thaw', async () => {
    const request = snapshotOf(vmId)
    await freeze(node.connection, await domainOf(node, vmId), 10)
    await node.hypervisor.createSnapshot(request)
    await snapshotJournal(node.options.stateDirectory).write(await cutOff(request.snapshotId))
    const taken = await node.hypervisor.createSnapshot({ ...request, quiesce: required })
    expect(taken.consistency).toBe('quiesced')
    expect(await frozen()).toBe(false)
  })

  test('is refused for a guest that somebody else froze, and leaves it frozen', async () => {
    const dom = await domainOf(node, vmId)
    await freeze(node.connection, dom, 10)
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId, { quiesce: required }))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_ALREADY_FROZEN',
    })
    expect(await frozen()).toBe(true)
    await node.connection.call(remote.domainFsthaw, { dom, mountpoints: [], flags: 0 })
  })

  test('is refused, and takes nothing, when the agent hangs', async () => {
    const hung = await aGuest()
    const dom = await domainOf(node, hung)
    const arg = ['killall', '-STOP', 'qemu-ga']
    const cmd = JSON.stringify({ execute: 'guest-exec', arguments: { path: '/bin/busybox', arg } })
    await node.connection.call(qemu.domainAgentCommand, { dom, cmd, timeout: 2, flags: 0 }).catch(() => undefined)
    const hangs = () =>
      isFrozen(node.connection, dom).then(
        () => false,
        () => true,
      )
    await vi.waitUntil(hangs, { timeout: 60_000 })
    await expect(node.hypervisor.createSnapshot(snapshotOf(hung, { quiesce: required }))).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_AGENT_NOT_RESPONDING',
    })
    expect(await filesOf(node, hung)).toEqual([`${hung}.vda.qcow2`])
  })

  const cutOff = async (snapshotId: string): Promise<JournalEntry> => {
    const now = new Date().toISOString()
    const { id: domainId } = await domainOf(node, vmId)
    return {
      vmId,
      snapshotId,
      kind: 'disk-only',
      consistency: 'crash',
      notice: null,
      effectiveCpu: null,
      freeze: { domainId, deadlineAt: now, askedAt: now, frozenAt: now, fileSystems: ['/disk'], thawedAt: null },
      pauses: false,
      settled: false,
    }
  }
})
