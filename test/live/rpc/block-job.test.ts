import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import {
  DomainBlockCommitFlags,
  DomainBlockJobAbortFlags,
  DomainBlockJobStatus,
  DomainBlockJobType,
  DomainCreateFlags,
  DomainMetadataType,
  DomainModificationImpact,
  DomainSnapshotCreateFlags,
} from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { type Domain, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from './domain-xml.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a domain with a disk${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  let libvirt: LibvirtConnection
  let dom: Domain

  beforeAll(async () => {
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(host.uri)
    const disk = path.join(host.directory, 'base.qcow2')
    await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '1M'])
    const { dom: defined } = await libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml('vm', disk), flags: 0 })
    dom = (await libvirt.call(remote.domainCreateWithFlags, { dom: defined, flags: DomainCreateFlags.PAUSED })).dom
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test('tells of its block jobs: ready, then completed', async () => {
    const events: { dst: string; type: number; status: number }[] = []
    const stop = await libvirt.onDomainEvent('blockJob', ({ dst, type, status }) => events.push({ dst, type, status }))
    const overlay = path.join(host.directory, 'overlay.qcow2')
    const { DISK_ONLY, ATOMIC, NO_METADATA } = DomainSnapshotCreateFlags
    await libvirt.call(remote.domainSnapshotCreateXml, {
      dom,
      xmlDesc: `<domainsnapshot><disks><disk name='vda'><source file='${overlay}'/></disk></disks></domainsnapshot>`,
      flags: DISK_ONLY | ATOMIC | NO_METADATA,
    })
    const { ACTIVE, SHALLOW } = DomainBlockCommitFlags
    const commit = { dom, disk: 'vda', base: null, top: null, bandwidth: 0n, flags: ACTIVE | SHALLOW }
    await libvirt.call(remote.domainBlockCommit, commit)
    const type = DomainBlockJobType.ACTIVE_COMMIT
    await vi.waitFor(() => expect(events).toEqual([{ dst: 'vda', type, status: DomainBlockJobStatus.READY }]))
    const info = await libvirt.call(remote.domainGetBlockJobInfo, { dom, path: 'vda', flags: 0 })
    expect(info).toMatchObject({ found: 1, type })
    await libvirt.call(remote.domainBlockJobAbort, { dom, path: 'vda', flags: DomainBlockJobAbortFlags.PIVOT })
    await vi.waitFor(() => expect(events[1]).toEqual({ dst: 'vda', type, status: DomainBlockJobStatus.COMPLETED }))
    expect(await libvirt.call(remote.domainGetBlockJobInfo, { dom, path: 'vda', flags: 0 })).toMatchObject({ found: 0 })
    stop()
  })

  test('tells of its metadata', async () => {
    const seen: string[] = []
    const stop = await libvirt.onDomainEvent('metadataChange', (event) => seen.push(`${event.dom.name} ${event.nsuri}`))
    await libvirt.call(remote.domainSetMetadata, {
      dom,
      type: DomainMetadataType.ELEMENT,
      metadata: '<note>&lt;hello&gt;</note>',
      key: 'n',
      uri: 'urn:example:note',
      flags: DomainModificationImpact.CONFIG,
    })
    await vi.waitFor(() => expect(seen).toEqual(['vm urn:example:note']))
    const { metadata } = await libvirt.call(remote.domainGetMetadata, {
      dom,
      type: DomainMetadataType.ELEMENT,
      uri: 'urn:example:note',
      flags: DomainModificationImpact.CONFIG,
    })
    expect(metadata).toContain('&lt;hello&gt;')
    stop()
  })

  test('is saved with its memory, read and restored', async () => {
    let completed = 0
    const stop = await libvirt.onDomainEvent('jobCompleted', () => completed++)
    const file = path.join(host.directory, 'memory')
    await libvirt.call(remote.domainSaveFlags, { dom, to: file, dxml: null, flags: 0 })
    const { xml } = await libvirt.call(remote.domainSaveImageGetXmlDesc, { file, flags: 0 })
    expect(xml).toContain('<name>vm</name>')
    await libvirt.call(remote.domainRestoreFlags, { from: file, dxml: null, flags: 0 })
    expect(await libvirt.call(remote.domainIsActive, { dom })).toEqual({ active: 1 })
    await vi.waitFor(() => expect(completed).toBeGreaterThan(0))
    stop()
  })
})
