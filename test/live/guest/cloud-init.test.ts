import { stat } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { addLinuxIso, linuxGuest, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`cloud-init data${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await addLinuxIso(node)
  })
  afterAll(() => node?.close())

  test('a Linux finds its seed by the label, reads every byte of it, and cannot write to it', async () => {
    const vm = aDefinition({ spec: { ...linuxSpec, cloudInit: {} } })
    const { vmId } = vm
    const files = {
      'meta-data': `${JSON.stringify({ 'instance-id': vmId, 'local-hostname': 'named-by-seed' }, null, 2)}\n`,
      'user-data': `#cloud-config\n${'# ☃\n'.repeat(5000)}`,
      'network-config': 'version: 2\n',
    }
    await node.hypervisor.createDisk({ vmId, target: 'vda', sizeGib: 1 })
    await node.hypervisor.ensureSeed({ vmId, revision: '1', files: async () => files })
    await node.hypervisor.defineVm(vm)
    await node.hypervisor.startVm(vmId)
    const guest = linuxGuest(node, vmId)
    await guest.isUp()
    expect(await guest.sh('hostname')).toBe('named-by-seed')
    expect((await guest.sh('ls /seed')).split('\n')).toEqual(Object.keys(files).sort())
    expect(await guest.sh('wc -c < /seed/user-data')).toBe(String(Buffer.byteLength(files['user-data'])))
    expect(await guest.sh('tail -n 1 /seed/user-data')).toBe('# ☃')
    expect(await guest.sh('cat /seed/meta-data')).toBe(files['meta-data'].trimEnd())
    expect(await guest.sh('cat /seed/network-config')).toBe('version: 2')
    expect(await guest.sh('echo x > /dev/vdb && echo written || echo refused')).toBe('refused')
    const seed = path.join(node.options.poolDirectory, `${vmId}.seed.iso`)
    expect((await stat(seed)).mode & 0o777).toBe(0o600)
  })
})
