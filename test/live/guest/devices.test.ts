import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { withDisk, withNic, withoutDisk, withoutNic } from '#db/spec-devices.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aBridge, bridgesAvailable } from '#test/live/bridge.ts'
import { libvirtDevices } from '#test/live/hypervisor/libvirt-devices.ts'
import { type LibvirtNode, startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { domainOf } from '#test/live/hypervisor/node-vms.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { attachedVolume } from '#worker/hypervisor/storage-names.ts'
import { type LinuxGuest, linuxSpec, startLinuxGuest } from './linux-guest.ts'

const run = promisify(execFile)
const unavailable = libvirtAvailable()
const noBridge = unavailable ?? bridgesAvailable()
const mac = '52:54:00:00:00:01'

/** What the guest wrote at the beginning of a disk. */
async function numberOn(file: string): Promise<number> {
  const sector = `${file}.sector`
  await run('qemu-img', ['dd', '-f', 'qcow2', '-O', 'raw', 'bs=512', 'count=1', `if=${file}`, `of=${sector}`])
  return Number.parseInt(await readFile(sector, 'utf8'), 10)
}

describe.skipIf(unavailable)(`devices in a Linux guest${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let node: LibvirtNode
  let guest: LinuxGuest
  const spec: VmSpec = aSpec(linuxSpec)

  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    guest = await startLinuxGuest(node)
  })
  afterAll(() => node?.close())

  /** Asks as an operation does, until the guest has let go. */
  const untilLetGo = (detach: () => Promise<boolean>) =>
    vi.waitFor(async () => expect(await detach()).toBe(true), { timeout: 30_000, interval: 100 })

  test('a disk comes, is written to until it is detached, and nothing of that is lost', async () => {
    const { vmId } = guest
    const [disk] = aSpec({ disks: [{ sizeGib: 1, target: 'vdb' }] }).disks
    if (!disk) expect.fail('no disk')
    const operationId = randomUUID()
    const volume = attachedVolume(vmId, 'vdb', operationId)
    const file = `${node.options.poolDirectory}/${volume}`
    await node.hypervisor.createDisk({ vmId, operationId, target: 'vdb', sizeGib: 1 })
    await node.hypervisor.attachDisk({ vmId, target: 'vdb', volume, spec: withDisk(spec, disk) })
    await guest.sh('for n in $(seq 50); do [ -b /dev/vdb ] && break; sleep 0.1; done; [ -b /dev/vdb ]')

    await node.hypervisor.resizeDisk({ vmId, target: 'vdb', sizeGib: 2 })
    const sectors = 'cat /sys/block/vdb/size'
    await vi.waitFor(async () => expect(await guest.sh(sectors)).toBe('4194304'), { timeout: 10_000, interval: 100 })

    // The guest goes on writing, each number when the one before it is on the disk, and says which was the last.
    await guest.sh(
      '(n=0; while echo $n | dd of=/dev/vdb bs=512 count=1 conv=sync,fsync 2>/dev/null && [ -b /dev/vdb ]; do echo $n >/tmp/last; n=$((n+1)); done) >/dev/null 2>&1 &',
    )
    const last = async () => Number(await guest.sh('cat /tmp/last 2>/dev/null || echo 0'))
    await vi.waitFor(async () => expect(await last()).toBeGreaterThan(20), { timeout: 30_000, interval: 50 })
    const request = { vmId, target: 'vdb', spec: withoutDisk(spec, 'vdb') }
    await untilLetGo(() => node.hypervisor.detachDisk(request))

    await guest.sh('for n in $(seq 50); do [ ! -b /dev/vdb ] && break; sleep 0.1; done; [ ! -b /dev/vdb ]')
    const written = await last()
    expect(written).toBeGreaterThan(20)
    expect(await numberOn(file)).toBeGreaterThanOrEqual(written)
    const { live, inactive } = await libvirtDevices(node, vmId)
    expect([live.disks, inactive.disks]).toEqual([['vda'], ['vda']])
    const nodes = await readQemuNodes(node.connection, await domainOf(node, vmId))
    expect(nodes.map((each) => each.file)).not.toContain(file)
  })

  test.skipIf(noBridge)(`a network card comes and goes${noBridge ? ` (skipped: ${noBridge})` : ''}`, async () => {
    const { vmId } = guest
    const cards = () => guest.sh('cat /sys/class/net/*/address')
    expect(await cards()).not.toContain(mac)
    const withCard = withNic(spec, { mac, model: 'virtio', bridge: aBridge() })
    await node.hypervisor.attachNic({ vmId, mac, spec: withCard })
    await vi.waitFor(async () => expect(await cards()).toContain(mac), { timeout: 10_000, interval: 100 })
    const request = { vmId, mac, spec: withoutNic(withCard, mac) }
    await untilLetGo(() => node.hypervisor.detachNic(request))
    expect(await cards()).not.toContain(mac)
    const { live, inactive } = await libvirtDevices(node, vmId)
    expect([live.nics, inactive.nics]).toEqual([[], []])
  })
})
