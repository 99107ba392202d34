import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { type LibvirtNode, startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { libvirtPoolName, secretUuid } from '#worker/hypervisor/libvirt/storage/pool-names.ts'
import { definedWith } from './a-domain.ts'
import { aPool, mib, never } from './a-pool.ts'
import { type IscsiTarget, iscsiAvailable, startIscsiTarget } from './iscsi-target.ts'

const unavailable = libvirtAvailable() ?? iscsiAvailable()

describe.skipIf(unavailable)(`a pool on an iSCSI target${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let target: IscsiTarget
  beforeAll(async () => {
    ;[node, target] = await Promise.all([startLibvirtNode({ virtType: 'qemu' }), startIscsiTarget()])
  })
  afterAll(async () => {
    target?.thaw()
    await node?.close()
    await target?.close()
  })

  const refusal = (reason: string, code = 'failed_precondition') => expect.objectContaining({ code, reason })
  const virsh = (...args: string[]) => execFileSync('virsh', ['-c', node.host.uri, ...args], { encoding: 'utf8' })
  const init = (
    secret: string | null = target.password,
    parts: { chapUser?: string; target?: string; port?: number } = {},
  ) => {
    const place = { host: '127.0.0.1', port: target.port, target: target.target, chapUser: target.user, ...parts }
    return node.hypervisor.initStoragePool({ poolId: 'san', source: { type: 'iscsi', ...place }, secret })
  }

  test('has the units of the target as volumes, which a VM can start with', async () => {
    expect(await init()).toMatchObject({
      active: true,
      mountPath: null,
      volumeCount: 2,
      capacityBytes: expect.any(Number),
    })
    const volumes = await node.hypervisor.listVolumes('san')
    expect(volumes.map(({ volumeId, format }) => [volumeId, format])).toEqual([
      ['lun-1', 'raw'],
      ['lun-2', 'raw'],
    ])
    expect(Math.round((volumes[0]?.capacityBytes ?? 0) / mib)).toBe(64)
    const { path: url, diskXml } = await node.hypervisor.describeAttachment({ poolId: 'san', volumeId: 'lun-1' })
    expect(url).toBe(`iscsi://127.0.0.1:${target.port}/${target.target}/1`)
    const vmId = randomUUID()
    const vm = await definedWith(node.connection, vmId, diskXml)
    await vm.start()
    expect(await node.hypervisor.findVolume({ poolId: 'san', volumeId: 'lun-1' })).toMatchObject({ vmId })
    await expect(node.hypervisor.destroyStoragePool('san')).rejects.toEqual(refusal('POOL_IN_USE'))
    await vm.destroy()
    await vm.undefine()
  })

  test('makes and changes no volumes, and says who does', async () => {
    await init()
    const volume = { poolId: 'san', volumeId: 'lun-1' }
    const making = node.hypervisor.createVolume({ ...volume, sizeBytes: mib, source: { type: 'empty' } }, never)
    const refused = expect.objectContaining({
      reason: 'POOL_CANNOT',
      message: expect.stringContaining('on its server'),
    })
    await expect(making).rejects.toEqual(refused)
    await expect(node.hypervisor.deleteVolume(volume)).rejects.toEqual(refused)
    await expect(node.hypervisor.resizeVolume(volume, 2 ** 30)).rejects.toEqual(refused)
    await expect(node.hypervisor.snapshotVolume(volume, 'lun-3', never)).rejects.toEqual(refused)
    await expect(node.hypervisor.listPoolFiles('san', '')).rejects.toEqual(refusal('POOL_CANNOT'))
  })

  test('keeps its password where nobody reads it, and forgets it', async () => {
    const state = await init()
    const uuid = secretUuid(node.options.nodeId, 'san')
    expect(virsh('secret-list')).toContain(uuid)
    const reading = spawnSync('virsh', ['-c', node.host.uri, 'secret-get-value', uuid], { encoding: 'utf8' })
    expect(reading.stderr).toContain('private')
    const { diskXml } = await node.hypervisor.describeAttachment({ poolId: 'san', volumeId: 'lun-1' })
    const records = path.join(node.options.stateDirectory, 'storage-pools')
    const files = readdirSync(records).map((name) => readFileSync(path.join(records, name), 'utf8'))
    const definitions = virsh('pool-list', '--all', '--name')
      .trim()
      .split(/\s+/)
      .map((name) => virsh('pool-dumpxml', name))
    const told = [
      JSON.stringify(state),
      diskXml,
      virsh('secret-dumpxml', uuid),
      ...files,
      ...definitions,
      ...node.warnings,
    ].join('\n')
    expect(told).toContain(target.user)
    expect(told).not.toContain(target.password)
    await node.hypervisor.destroyStoragePool('san')
    expect(virsh('secret-list')).not.toContain(uuid)
  })

  test('is not made with a wrong password, of no such target, or half', async () => {
    await expect(init('open-sesame-13')).rejects.toEqual(refusal('POOL_LOGIN_REFUSED'))
    await expect(init(null)).rejects.toEqual(refusal('POOL_SECRET_MISMATCH', 'invalid_argument'))
    const unknown = init(target.password, { target: 'iqn.2003-01.org.example:other' })
    await expect(unknown).rejects.toEqual(refusal('POOL_UNUSABLE'))
    const nobody = init(target.password, { port: 1 })
    await expect(nobody).rejects.toEqual(refusal('POOL_NOT_REACHABLE', 'unavailable'))
    expect(await node.hypervisor.listStoragePools()).toEqual([])
    expect(virsh('pool-list', '--all', '--name').trim()).toMatch(/^quantix-\w+$/)
    expect(virsh('secret-list').trim().split('\n')).toHaveLength(2)
  })

  test('takes another password in place of the last once its target has taken it, and keeps the last until then', async () => {
    await init()
    const secrets = virsh('secret-list')
    await expect(init('open-sesame-13')).rejects.toEqual(refusal('POOL_LOGIN_REFUSED'))
    expect(await node.hypervisor.findStoragePool('san')).toMatchObject({ active: true, problem: null })
    await target.changePassword('open-sesame-14')
    expect(await node.hypervisor.findStoragePool('san')).toMatchObject({ active: false })
    expect(await init()).toMatchObject({ active: true })
    expect(virsh('secret-list')).toBe(secrets)
    await node.hypervisor.destroyStoragePool('san')
  })

  test('takes no password on the word of a pool that somebody else has left running', async () => {
    await init()
    virsh('pool-start', libvirtPoolName(node.options.nodeId, 'san'))
    await expect(init('open-sesame-13')).rejects.toEqual(refusal('POOL_LOGIN_REFUSED'))
    expect(await node.hypervisor.findStoragePool('san')).toMatchObject({ active: true })
    await node.hypervisor.destroyStoragePool('san')
  })

  test('whose server does not answer slows nothing else, says so, and comes back', async () => {
    const other = await aPool(node, 'local')
    await init()
    target.freeze()
    const asked = Promise.all([
      node.hypervisor.findStoragePool('san'),
      node.hypervisor.listVolumes('san').catch((error: unknown) => error),
      node.hypervisor.listStoragePools(),
    ])
    // libvirt would wait for the server here, for as long as it is silent.
    await other.make('data')
    expect(await other.ids()).toEqual(['data'])
    await aPool(node, 'another')
    expect(virsh('pool-list')).toContain('local')
    const [state, error, listed] = await asked
    const problem = expect.stringMatching(new RegExp(`does not answer: 127.0.0.1:${target.port}`))
    expect(state).toMatchObject({ active: false, problem, volumeCount: 0 })
    expect(error).toEqual(refusal('POOL_NOT_REACHABLE', 'unavailable'))
    expect(listed).toMatchObject([
      { poolId: 'local', active: true },
      { poolId: 'san', problem },
    ])
    // It can be taken off the node all the same, and libvirt starts without it.
    await node.host.restart()
    expect(await other.ids()).toEqual(['data'])
    await node.hypervisor.destroyStoragePool('san')
    target.thaw()
    expect(await init()).toMatchObject({ active: true, problem: null, volumeCount: 2 })
  })
})
