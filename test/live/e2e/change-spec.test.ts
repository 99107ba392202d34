import { describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { startLiveSystem } from '../live-system.ts'

const unavailable = libvirtAvailable()
const headers = { Prefer: 'wait=30' }
const live = unavailable ? null : await startLive()

async function startLive() {
  const system = await startLiveSystem()
  const cpuModes = await system.node.hypervisor.probeCpuModes()
  return { ...system, passthrough: cpuModes.find(({ mode }) => mode === 'host-passthrough') }
}

describe.skipIf(!live)(`on libvirt, through the API${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  const { client, passthrough } = live as NonNullable<typeof live>

  /** A running VM, and what a user does with it. */
  async function aRunningVm(name: string, cpuMode: 'host-model' | 'host-passthrough') {
    const spec = { cpuMode, cpu: { cores: 1 }, memory: { sizeMib: 64 }, disks: [{ sizeGib: 1 }], nics: [] }
    const path = { id: succeeded(await sdk.createVm({ client, headers, body: { name, spec } })).id }
    const start = async () => succeeded(await sdk.startVm({ client, headers, path }))
    await start()
    return {
      path,
      restart: async () => {
        succeeded(await sdk.stopVm({ client, headers, path, body: { force: true } }))
        return start()
      },
      change: async (spec: sdk.VmSpecPatch) => succeeded(await sdk.updateVm({ client, headers, path, body: { spec } })),
      takeMemory: (name: string) => sdk.createSnapshot({ client, headers, path, body: { name, includeMemory: true } }),
      revert: async (snapshotId: string) =>
        succeeded(await sdk.revertToSnapshot({ client, headers, path: { ...path, snapshotId }, body: {} })),
    }
  }

  test('a running Flexible VM changed to Performance is that from its next start on, and can return to its memory', async ({
    skip,
  }) => {
    if (!passthrough?.supported) return skip(`host-passthrough does not run here: ${passthrough?.message}`)
    const vm = await aRunningVm('to-performance', 'host-model')
    const changed = await vm.change({ cpuMode: 'host-passthrough', memory: { sizeMib: 80 } })
    expect(changed).toMatchObject({
      spec: { cpuMode: 'host-passthrough', memory: { sizeMib: 80 } },
      status: {
        state: 'RUNNING',
        effectiveCpuMode: 'host-model',
        pendingRestart: true,
        pendingFields: ['spec.cpuMode', 'spec.memory.sizeMib'],
      },
    })
    const taken = succeeded(await vm.takeMemory('still-flexible'))
    expect(taken.kind).toBe('memory')

    const nothingWaits = { pendingRestart: false, pendingFields: [] }
    expect((await vm.restart()).status).toMatchObject({ effectiveCpuMode: 'host-passthrough', ...nothingWaits })
    const refused = await vm.takeMemory('performance')
    expect(refused.error).toMatchObject({ reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU' })

    expect((await vm.revert(taken.id)).status).toMatchObject({
      state: 'RUNNING',
      effectiveCpuMode: 'host-model',
      pendingFields: ['spec.cpuMode', 'spec.memory.sizeMib'],
    })
    expect((await vm.restart()).status).toMatchObject({ effectiveCpuMode: 'host-passthrough', ...nothingWaits })
  })

  test('a Performance VM that is refused a memory snapshot takes one after the request that the refusal names', async ({
    skip,
  }) => {
    if (!passthrough?.supported) return skip(`host-passthrough does not run here: ${passthrough?.message}`)
    const vm = await aRunningVm('to-flexible', 'host-passthrough')
    const remedies = (await vm.takeMemory('refused')).error?.details?.remedies as sdk.Remedy[]
    const call = remedies.find(({ action }) => action === 'CHANGE_CPU_MODE')?.call
    expect(call).toMatchObject({ method: 'PATCH', path: `/api/v1/vms/${vm.path.id}` })
    const changed = await vm.change(call?.body.spec ?? {})
    expect(changed.status).toMatchObject({ effectiveCpuMode: 'host-passthrough', pendingFields: ['spec.cpuMode'] })
    expect((await vm.takeMemory('still-refused')).error).toMatchObject({ reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU' })
    expect((await vm.restart()).status).toMatchObject({ effectiveCpuMode: 'host-model', pendingRestart: false })
    expect(succeeded(await vm.takeMemory('taken')).kind).toBe('memory')
  })

  test('every part of the machine that can change does, at the next start', async () => {
    const vm = await aRunningVm('machine', 'host-model')
    const changed = await vm.change({
      cpu: { cores: 2, threadsPerCore: 2 },
      bootOrder: [],
      clock: { offset: 'localtime', hpet: true },
      display: { type: 'none' },
      video: { model: 'virtio' },
      serial: { log: true },
      watchdog: { action: 'pause' },
      rng: false,
    })
    expect(changed.status.pendingFields).toHaveLength(11)
    expect((await vm.restart()).status).toMatchObject({ state: 'RUNNING', pendingFields: [] })
    const back = {
      bootOrder: ['disk' as const],
      clock: null,
      display: null,
      video: null,
      serial: null,
      watchdog: null,
      rng: null,
    }
    expect((await vm.change(back)).status.pendingRestart).toBe(true)
    expect((await vm.restart()).status).toMatchObject({ state: 'RUNNING', pendingFields: [] })
  })

  test('a VM that took the name of one that was renamed runs beside it', async () => {
    const renamed = await aRunningVm('name', 'host-model')
    succeeded(await sdk.updateVm({ client, headers, path: renamed.path, body: { name: 'other-name' } }))
    const { path } = await aRunningVm('name', 'host-model')
    expect(succeeded(await sdk.getVm({ client, path }))).toMatchObject({ name: 'name', status: { state: 'RUNNING' } })
    expect((await renamed.restart()).name).toBe('other-name')
  })
})
