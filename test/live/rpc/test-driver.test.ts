import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainEventType, DomainState, ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

const unavailable = libvirtAvailable()

/** libvirt's own test driver: domains without QEMU. */
describe.skipIf(unavailable)(`the test driver${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  let libvirt: LibvirtConnection

  beforeAll(async () => {
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(`test+unix:///default?socket=${host.socketPath}`)
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test('is opened over the same socket, and is itself', async () => {
    expect(await libvirt.call(remote.connectGetType, {})).toEqual({ type: 'TEST' })
    expect(await libvirt.call(remote.connectGetUri, {})).toEqual({ uri: 'test:///default' })
    const { domains } = await libvirt.call(remote.connectListAllDomains, { needResults: 1, flags: 0 })
    expect(domains.map(({ name }) => name)).toContain('test')
  })

  test('stops and starts a domain, saves it and forgets the save', async () => {
    const { dom } = await libvirt.call(remote.domainLookupByName, { name: 'test' })
    const events: number[] = []
    const stop = await libvirt.onDomainEvent('lifecycle', ({ event }) => events.push(event))
    await libvirt.call(remote.domainManagedSave, { dom, flags: 0 })
    expect(await libvirt.call(remote.domainHasManagedSaveImage, { dom, flags: 0 })).toEqual({ result: 1 })
    await libvirt.call(remote.domainManagedSaveRemove, { dom, flags: 0 })
    await libvirt.call(remote.domainCreateWithFlags, { dom, flags: 0 })
    expect(await libvirt.call(remote.domainGetState, { dom, flags: 0 })).toMatchObject({ state: DomainState.RUNNING })
    await vi.waitFor(() => expect(events).toEqual([DomainEventType.STOPPED, DomainEventType.STARTED]))
    stop()
  })

  test('freezes, thaws and sets the time without an agent, and has none to command', async () => {
    const { dom } = await libvirt.call(remote.domainLookupByName, { name: 'test' })
    expect(await libvirt.call(remote.domainFsfreeze, { dom, mountpoints: [], flags: 0 })).toEqual({ filesystems: 2 })
    expect(await libvirt.call(remote.domainFsthaw, { dom, mountpoints: [], flags: 0 })).toEqual({ filesystems: 2 })
    await libvirt.call(remote.domainSetTime, { dom, seconds: 1_700_000_000n, nseconds: 0, flags: 0 })
    expect(await libvirt.call(remote.domainGetTime, { dom, flags: 0 })).toMatchObject({ seconds: 1_700_000_000n })
    const command = libvirt.call(qemu.domainAgentCommand, { dom, cmd: '{}', timeout: 1, flags: 0 })
    await expect(command).rejects.toMatchObject({ code: ErrorCode.NO_SUPPORT })
  })

  test('has a network, active and with its bridge', async () => {
    const { net } = await libvirt.call(remote.networkLookupByName, { name: 'default' })
    expect(await libvirt.call(remote.networkIsActive, { net })).toEqual({ active: 1 })
    expect(await libvirt.call(remote.networkGetBridgeName, { net })).toEqual({ name: expect.stringMatching(/^virbr/) })
    const { nets } = await libvirt.call(remote.connectListAllNetworks, { needResults: 1, flags: 0 })
    expect(nets).toEqual([net])
  })
})
