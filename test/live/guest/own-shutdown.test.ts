import { describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { startLiveSystem } from '../live-system.ts'
import { addLinuxIso, linuxGuest, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()
const live = unavailable ? null : await startLive()

async function startLive() {
  const system = await startLiveSystem({ virtType: 'qemu' })
  await addLinuxIso(system.node)
  return system
}

describe.skipIf(!live)(`a guest${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  const { node, client } = live as NonNullable<typeof live>

  test('that shuts itself down is shown as stopped within a second, and its history says so', async () => {
    const headers = { Prefer: 'wait=30' }
    const body = { name: 'own-shutdown', spec: { cpu: { cores: 1 }, nics: [], ...linuxSpec } }
    const { id } = succeeded(await sdk.createVm({ client, headers, body }))
    succeeded(await sdk.startVm({ client, headers, path: { id } }))
    const guest = linuxGuest(node, id)
    await guest.isUp()
    // In the background, so that the agent can answer.
    await guest.sh('(sleep 1; poweroff -f) >/dev/null 2>&1 &')
    await vi.waitUntil(async () => (await node.hypervisor.observeVm(id))?.state === 'STOPPED', {
      timeout: 60_000,
      interval: 5,
    })
    const goneAt = Date.now()
    const { status } = await vi.waitUntil(
      async () => {
        const vm = succeeded(await sdk.getVm({ client, path: { id } }))
        return vm.status.state === 'STOPPED' && vm
      },
      { timeout: 15_000, interval: 5 },
    )
    const lateMs = Date.now() - goneAt
    expect(status).toMatchObject({ message: 'The guest shut down.', startedAt: null })
    const { items } = succeeded(await sdk.listVmEvents({ client, path: { id } }))
    expect(items[0]).toMatchObject({
      actor: 'guest',
      severity: 'info',
      operationId: null,
      message: 'RUNNING → STOPPED: The guest shut down.',
    })
    // By comparing alone it would be seen after 5 s on average.
    expect(lateMs).toBeLessThan(1000)
  })
})
