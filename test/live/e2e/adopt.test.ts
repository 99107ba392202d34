import { access } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { openSystem } from '#test/e2e/open-system.ts'
import { onPostgres, succeeded } from '#test/e2e/system.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { foreignNames } from '#test/worker/hypervisor/libvirt/foreign-definitions.ts'
import { aForeignDomain, anyDefinition, virshOn } from '../hypervisor/foreign-node.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'

const unavailable = libvirtAvailable()
const headers = { Prefer: 'wait=30' }

describe.skipIf(unavailable)(`adopting${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let admin: ReturnType<typeof virshOn>
  let system: Awaited<ReturnType<typeof openSystem>>
  let client: (typeof system)['client']
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    admin = virshOn(node)
    const database = await createTestDatabase()
    const queue = await onPostgres(database.url)
    system = await openSystem({ database, queue, hypervisor: node.hypervisor, nodeId: node.options.nodeId })
    client = system.client
  })
  afterAll(async () => {
    await system?.close()
    await node?.close()
  })

  const domainPath = (uuid: string) => ({ id: node.options.nodeId, uuid })
  const list = async () =>
    succeeded(await sdk.listHostDomains({ client, path: { id: node.options.nodeId }, query: { limit: 200 } })).items
  const listed = (uuid: string) => vi.waitUntil(async () => (await list()).find(({ id }) => id === uuid), 10_000)
  const adopt = (uuid: string, body?: sdk.AdoptInput) =>
    sdk.adoptHostDomain({ client, headers, path: domainPath(uuid), ...(body && { body }) })
  const vmOf = async (id: string) => succeeded(await sdk.getVm({ client, path: { id } }))

  test.for(foreignNames)('changes not a byte of what others wrote: %s', async (name) => {
    const { id, xml } = anyDefinition(name)
    await admin.define(xml)
    const before = await admin.dump(id)
    const { adoption, spec, unmanagedDevices } = await listed(id)
    expect(adoption).toEqual({ allowed: true, reasons: [] })
    const vm = succeeded(await adopt(id, { name })) as sdk.Vm
    expect(vm).toMatchObject({ id, name, origin: 'host', spec, status: { state: 'STOPPED', unmanagedDevices } })
    expect(await admin.dump(id)).toEqual(before)
  })

  test('a domain that runs goes on, and every verb works on it without a byte of its definition being changed', async () => {
    const domain = await aForeignDomain(node)
    const { id, name } = domain
    await admin.define(domain.xml)
    await admin.virsh('start', name)
    const before = await admin.dump(name)
    const pid = await admin.virsh('domid', name)
    await listed(id)

    const vm = succeeded(await adopt(id)) as sdk.Vm
    expect(vm).toMatchObject({
      id,
      name,
      description: 'made by hand',
      origin: 'host',
      spec: { cpuMode: 'custom', memory: { sizeMib: 64 }, disks: [{ target: 'vda', sizeGib: 1 }] },
      status: {
        state: 'RUNNING',
        effectiveCpu: { mode: 'custom' },
        startedAt: null,
        unmanagedDevices: ['input', 'parallel', 'sound', 'video'],
        unmanagedDisks: ['vda'],
      },
    })
    expect(await admin.dump(name)).toEqual(before)
    expect(await admin.virsh('domid', name)).toBe(pid)
    expect((await list()).map((each) => each.id)).not.toContain(id)

    const same = async () => expect((await admin.dump(name)).inactive).toBe(before.inactive)
    const verb = async (call: Promise<Parameters<typeof succeeded>[0]>, state: string) => {
      expect(succeeded(await call)).toMatchObject({ status: { state } })
      await same()
    }
    const request = { client, headers, path: { id } }
    await verb(sdk.pauseVm(request), 'PAUSED')
    await verb(sdk.resumeVm(request), 'RUNNING')
    await verb(sdk.rebootVm({ ...request, body: { force: true } }), 'RUNNING')
    await verb(sdk.stopVm({ ...request, body: { force: true } }), 'STOPPED')
    await verb(sdk.startVm(request), 'RUNNING')
    await system.restartWorker(() => node.reopen())
    await vi.waitUntil(async () => (await vmOf(id)).status.state === 'RUNNING', 10_000)
    await same()

    // What happens past us is told of, as of any VM.
    await admin.virsh('destroy', name)
    await vi.waitUntil(async () => (await vmOf(id)).status.state === 'STOPPED', 10_000)
    const refused = await sdk.createSnapshot({ ...request, body: { name: 'none' } })
    expect(refused.error).toMatchObject({ reason: 'DISK_NOT_MANAGED' })
    await same()

    expect((await sdk.releaseVm({ client, path: { id } })).response?.status).toBe(204)
    await same()
    expect(await listed(id)).toMatchObject({ state: 'STOPPED', adoption: { allowed: true } })
    expect(succeeded(await adopt(id, { name: 'second' }))).toMatchObject({ id, name: 'second' })
    await same()
  })

  test('a VM that is deleted leaves its disk, its UEFI variables and its TPM, whatever is said of the disks', async () => {
    const domain = await aForeignDomain(node)
    const { id, name } = domain
    const variables = path.join(path.dirname(domain.file), `${name}_VARS.fd`)
    const uefi = domain.xml
      .replace(
        "<os><type arch='x86_64' machine='q35'>hvm</type>",
        `<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware><feature enabled='no' name='secure-boot'/></firmware><nvram>${variables}</nvram>`,
      )
      .replace('</devices>', "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices>")
    await admin.define(uefi)
    await admin.virsh('start', '--paused', name)
    await admin.virsh('destroy', name)
    const tpm = path.join(node.host.directory, 'lib/swtpm', id)
    await Promise.all([access(variables), access(tpm)])
    await listed(id)
    expect(succeeded(await adopt(id))).toMatchObject({ spec: { firmware: 'uefi', tpm: true } })
    const deleted = await sdk.deleteVm({ client, headers, path: { id }, query: { deleteDisks: true } })
    expect([deleted.error, deleted.response?.status]).toEqual([undefined, 204])
    await expect(admin.virsh('domstate', name)).rejects.toThrow(/failed to get domain/)
    await Promise.all([access(domain.file), access(variables), access(tpm)])
    const [operation] = succeeded(await sdk.listOperations({ client, query: { vmId: id } })).items
    expect(operation).toMatchObject({ kind: 'vm.delete', result: { unmanagedDisks: ['vda'] } })
  })

  test('a change of its spec changes that of its definition, and nothing else', async () => {
    const domain = await aForeignDomain(node)
    const { id, name } = domain
    await admin.define(domain.xml)
    const before = (await admin.dump(name)).inactive
    await listed(id)
    succeeded(await adopt(id))
    const patch = (spec: sdk.VmSpecPatch) => sdk.updateVm({ client, headers, path: { id }, body: { spec } })
    expect(succeeded(await patch({ memory: { sizeMib: 128 } }))).toMatchObject({ spec: { memory: { sizeMib: 128 } } })
    const after = (await admin.dump(name)).inactive
    // Beside our marker, which says what runs once it was started so.
    expect(changedLines(before, after).filter((line) => !line.includes('quantix:'))).toEqual([
      "  <memory unit='KiB'>131072</memory>",
      "  <currentMemory unit='KiB'>131072</currentMemory>",
    ])
    expect(changedLines(after, before)).toEqual([
      "  <memory unit='KiB'>65536</memory>",
      "  <currentMemory unit='KiB'>65536</currentMemory>",
    ])
    const kept = "<model fallback='forbid'>Nehalem</model>"
    expect(after).toContain(kept)
    expect(succeeded(await patch({ cpuMode: 'host-model' }))).toMatchObject({ spec: { cpuMode: 'host-model' } })
    const flexible = (await admin.dump(name)).inactive
    expect(flexible).toContain("<cpu mode='host-model'")
    expect(flexible).not.toContain(kept)
    expect(changedLines(flexible, after).every((line) => /cpu|model/.test(line))).toBe(true)
  })

  test('what is in the way is shown with the way out, which works', async () => {
    const domain = await aForeignDomain(node)
    const { id, name } = domain
    await admin.create(domain.xml)
    expect((await listed(id)).adoption.reasons).toMatchObject([{ reason: 'DOMAIN_IS_TRANSIENT' }])
    expect((await adopt(id)).error).toMatchObject({ reason: 'DOMAIN_IS_TRANSIENT' })
    await admin.define((await admin.dump(name)).inactive)
    await vi.waitUntil(async () => (await listed(id)).adoption.allowed, 10_000)
    await admin.virsh('managedsave', name)
    await vi.waitUntil(async () => (await listed(id)).managedSave, 10_000)
    expect((await adopt(id)).error).toMatchObject({ reason: 'DOMAIN_HAS_SAVED_MEMORY' })
    await admin.virsh('start', name)
    await vi.waitUntil(async () => (await listed(id)).adoption.allowed, 10_000)
    expect(succeeded(await adopt(id))).toMatchObject({ id, status: { state: 'RUNNING' } })
  })

  test('a domain that goes between the list and the request is told of', async () => {
    const domain = await aForeignDomain(node)
    await admin.define(domain.xml)
    await listed(domain.id)
    await admin.virsh('undefine', domain.name)
    // Either the list knows already, or the worker finds out.
    const { error } = await adopt(domain.id)
    expect(error).toMatchObject({ code: 'not_found', reason: 'DOMAIN_NOT_FOUND' })
    expect((await sdk.getVm({ client, path: { id: domain.id } })).error).toMatchObject({ reason: 'VM_NOT_FOUND' })
  })

  test('what one adopted VM writes to, no other domain is adopted with', async () => {
    const first = await aForeignDomain(node)
    const second = await aForeignDomain(node, { disk: first.file })
    await admin.define(first.xml)
    await admin.define(second.xml)
    await listed(first.id)
    succeeded(await adopt(first.id))
    await admin.virsh('start', first.name)
    await vi.waitUntil(async () => !(await listed(second.id)).adoption.allowed, 10_000)
    const { error } = await adopt(second.id)
    expect(error).toMatchObject({ reason: 'DISK_OF_ANOTHER_VM', message: expect.stringContaining(first.id) })
  })
})

/** The lines of the second that the first does not have. */
function changedLines(first: string, second: string): string[] {
  const lines = new Set(first.split('\n'))
  return second.split('\n').filter((line) => !lines.has(line))
}
