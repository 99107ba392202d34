import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import {
  DomainCreateFlags,
  DomainEventType,
  DomainSnapshotCreateFlags,
  DomainState,
  DomainXmlFlags,
  ErrorCode,
  ErrorDomain,
} from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { isNotFound } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from './domain-xml.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`QEMU domains${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  let libvirt: LibvirtConnection

  beforeAll(async () => {
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(host.uri)
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test('the node and its libvirt describe themselves', async () => {
    const { libVer } = await libvirt.call(remote.connectGetLibVersion, {})
    const { hvVer } = await libvirt.call(remote.connectGetVersion, {})
    expect(Number(libVer)).toBeGreaterThanOrEqual(9_000_000)
    expect(Number(hvVer)).toBeGreaterThanOrEqual(7_000_000)
    const node = await libvirt.call(remote.nodeGetInfo, {})
    expect(node.model).toMatch(/^[a-z0-9_]+$/)
    expect(node.cpus).toBeGreaterThan(0)
    const { capabilities } = await libvirt.call(remote.connectGetCapabilities, {})
    expect(capabilities).toContain(`<uuid>${host.hostUuid}</uuid>`)
    const args = { emulatorbin: null, arch: null, machine: 'q35', virttype: 'qemu', flags: 0 }
    const domain = await libvirt.call(remote.connectGetDomainCapabilities, args)
    expect(domain.capabilities).toContain("<mode name='host-model' supported='yes'>")
  })

  test('a domain lives its life, and every change is told', async () => {
    const events: number[] = []
    const stop = await libvirt.onDomainEvent('lifecycle', ({ dom, event }) => {
      if (dom.name === 'life') events.push(event)
    })
    const { dom } = await libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml('life'), flags: 0 })
    expect(dom).toMatchObject({ name: 'life', id: -1 })
    expect(await state('life')).toBe(DomainState.SHUTOFF)

    const started = await libvirt.call(remote.domainCreateWithFlags, { dom, flags: DomainCreateFlags.PAUSED })
    expect(started.dom.id).toBeGreaterThan(0)
    expect(await state('life')).toBe(DomainState.PAUSED)
    const { xml } = await libvirt.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.INACTIVE })
    expect(xml).toContain(`<uuid>${dom.uuid}</uuid>`)
    const answer = await libvirt.call(qemu.domainMonitorCommand, { dom, cmd: '{"execute":"query-status"}', flags: 0 })
    expect(JSON.parse(answer.result)).toMatchObject({ return: { running: false } })

    await libvirt.call(remote.domainResume, { dom })
    expect(await state('life')).toBe(DomainState.RUNNING)
    const { retStats } = await libvirt.call(remote.connectGetAllDomainStats, { doms: [dom], stats: 0, flags: 0 })
    expect(retStats[0]?.params).toContainEqual({ field: 'state.state', value: { type: 1, value: DomainState.RUNNING } })
    await libvirt.call(remote.domainSuspend, { dom })
    await libvirt.call(remote.domainDestroyFlags, { dom, flags: 0 })
    await libvirt.call(remote.domainUndefineFlags, { dom, flags: 0 })

    const { DEFINED, STARTED, SUSPENDED, RESUMED, SHUTDOWN, STOPPED, UNDEFINED } = DomainEventType
    await vi.waitFor(() => expect(events.at(-1)).toBe(UNDEFINED))
    // QEMU may still tell that it shuts down while it is destroyed.
    const told = events.filter((event) => event !== SHUTDOWN)
    expect(told).toEqual([DEFINED, STARTED, SUSPENDED, RESUMED, SUSPENDED, STOPPED, UNDEFINED])
    stop()
  })

  test('libvirt’s errors arrive with their code and domain', async () => {
    const missing = libvirt.call(remote.domainLookupByName, { name: 'nobody' })
    await expect(missing).rejects.toSatisfy(isNotFound)
    await expect(missing).rejects.toMatchObject({ code: ErrorCode.NO_DOMAIN, domain: ErrorDomain.QEMU })

    const { dom } = await libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml('errors'), flags: 0 })
    const notRunning = libvirt.call(remote.domainDestroyFlags, { dom, flags: 0 })
    await expect(notRunning).rejects.toMatchObject({ code: ErrorCode.OPERATION_INVALID })
    const noAgent = libvirt.call(remote.domainFsfreeze, { dom, mountpoints: [], flags: 0 })
    await expect(noAgent).rejects.toMatchObject({ code: ErrorCode.OPERATION_INVALID })
    const badXml = libvirt.call(remote.domainDefineXmlFlags, { xml: '<domain/', flags: 0 })
    await expect(badXml).rejects.toMatchObject({ code: ErrorCode.XML_DETAIL })
    await libvirt.call(remote.domainUndefineFlags, { dom, flags: 0 })
  })

  test('a snapshot is made, listed, read, and deleted', async () => {
    const disk = path.join(host.directory, 'snap.qcow2')
    await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '1M'])
    const { dom } = await libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml('snap', disk), flags: 0 })
    const xmlDesc = '<domainsnapshot><name>one</name></domainsnapshot>'
    const { snap } = await libvirt.call(remote.domainSnapshotCreateXml, {
      dom,
      xmlDesc,
      flags: DomainSnapshotCreateFlags.ATOMIC,
    })
    expect(snap.name).toBe('one')
    const list = await libvirt.call(remote.domainListAllSnapshots, { dom, needResults: 1, flags: 0 })
    expect(list.snapshots).toEqual([{ name: 'one', dom: expect.objectContaining({ uuid: dom.uuid }) }])
    const { xml } = await libvirt.call(remote.domainSnapshotGetXmlDesc, { snap, flags: 0 })
    expect(xml).toContain('<state>shutoff</state>')
    await libvirt.call(remote.domainRevertToSnapshot, { snap, flags: 0 })
    await libvirt.call(remote.domainSnapshotDelete, { snap, flags: 0 })
    const missing = libvirt.call(remote.domainSnapshotLookupByName, { dom, name: 'one', flags: 0 })
    await expect(missing).rejects.toSatisfy(isNotFound)
    await libvirt.call(remote.domainUndefineFlags, { dom, flags: 0 })
  })

  test('a thousand calls at once are all answered, each with its own', async () => {
    const defined = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml(`many-${n}`), flags: 0 }),
      ),
    )
    const calls = Array.from({ length: 1_000 }, async (_, n) => {
      const { dom } = defined[n % 10] ?? expect.fail('ten domains were defined')
      const { xml } = await libvirt.call(remote.domainGetXmlDesc, { dom, flags: 0 })
      expect(xml).toContain(`<name>many-${n % 10}</name>`)
    })
    await Promise.all(calls)
    await Promise.all(defined.map(({ dom }) => libvirt.call(remote.domainUndefineFlags, { dom, flags: 0 })))
  })

  async function state(name: string): Promise<number> {
    const { dom } = await libvirt.call(remote.domainLookupByName, { name })
    return (await libvirt.call(remote.domainGetState, { dom, flags: 0 })).state
  }
})
