import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { StoragePoolState } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { isNotFound } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote, type StoragePool } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

const unavailable = libvirtAvailable()
const gib = 1024n ** 3n

describe.skipIf(unavailable)(`storage${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  let libvirt: LibvirtConnection
  let pool: StoragePool
  let directory: string

  beforeAll(async () => {
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(host.uri)
    directory = path.join(host.directory, 'pool')
    await mkdir(directory)
    const xml = `<pool type='dir'><name>p</name><target><path>${directory}</path></target></pool>`
    pool = (await libvirt.call(remote.storagePoolDefineXml, { xml, flags: 0 })).pool
    await libvirt.call(remote.storagePoolCreate, { pool, flags: 0 })
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test('a pool is found by name and by path, and says how it is', async () => {
    expect(await libvirt.call(remote.storagePoolLookupByName, { name: 'p' })).toEqual({ pool })
    expect(await libvirt.call(remote.storagePoolLookupByTargetPath, { path: directory })).toEqual({ pool })
    const info = await libvirt.call(remote.storagePoolGetInfo, { pool })
    expect(info.state).toBe(StoragePoolState.RUNNING)
    expect(info.capacity).toBe(info.allocation + info.available)
    const { xml } = await libvirt.call(remote.storagePoolGetXmlDesc, { pool, flags: 0 })
    expect(xml).toContain(`<path>${directory}</path>`)
  })

  test('a volume is made, cloned, grown, found, listed and deleted', async () => {
    const { vol } = await libvirt.call(remote.storageVolCreateXml, { pool, xml: volumeXml('base.qcow2'), flags: 0 })
    expect(vol).toEqual({ pool: 'p', name: 'base.qcow2', key: path.join(directory, 'base.qcow2') })
    const clone = { pool, xml: volumeXml('clone.qcow2'), clonevol: vol, flags: 0 }
    await libvirt.call(remote.storageVolCreateXmlFrom, clone)
    const { vols } = await libvirt.call(remote.storagePoolListAllVolumes, { pool, needResults: 1, flags: 0 })
    expect(vols.map(({ name }) => name).sort()).toEqual(['base.qcow2', 'clone.qcow2'])

    await libvirt.call(remote.storageVolResize, { vol, capacity: 2n * gib, flags: 0 })
    expect(await libvirt.call(remote.storageVolGetInfo, { vol })).toMatchObject({ capacity: 2n * gib })
    const { name: volumePath } = await libvirt.call(remote.storageVolGetPath, { vol })
    expect(await libvirt.call(remote.storageVolLookupByPath, { path: volumePath })).toEqual({ vol })
    expect(await libvirt.call(remote.storageVolLookupByName, { pool, name: 'base.qcow2' })).toEqual({ vol })

    await libvirt.call(remote.storageVolDelete, { vol, flags: 0 })
    const missing = libvirt.call(remote.storageVolLookupByName, { pool, name: 'base.qcow2' })
    await expect(missing).rejects.toSatisfy(isNotFound)
  })

  test('a pool ends and is forgotten', async () => {
    const xml = `<pool type='dir'><name>brief</name><target><path>${directory}</path></target></pool>`
    const brief = await libvirt.call(remote.storagePoolCreateXml, {
      xml: xml.replace(directory, host.directory),
      flags: 0,
    })
    await libvirt.call(remote.storagePoolRefresh, { pool: brief.pool, flags: 0 })
    await libvirt.call(remote.storagePoolDestroy, { pool: brief.pool })
    await expect(libvirt.call(remote.storagePoolLookupByName, { name: 'brief' })).rejects.toSatisfy(isNotFound)
  })

  function volumeXml(name: string): string {
    return `<volume><name>${name}</name><capacity>${gib}</capacity><target><format type='qcow2'/></target></volume>`
  }
})
