import { readdir } from 'node:fs/promises'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { succeeded } from '#test/e2e/system.ts'
import { findDomain, readRunState } from '#worker/hypervisor/libvirt/domain.ts'
import { readOverlayFile } from '#worker/hypervisor/libvirt/snapshot/overlay-file.ts'
import { startLiveSystem } from '../live-system.ts'
import { addLinuxIso, type LinuxGuest, linuxGuest, linuxSpec } from './linux-guest.ts'

const unavailable = libvirtAvailable()
const live = unavailable ? null : await startLiveSystem({ virtType: 'qemu' })

describe.skipIf(!live)(`through the API${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  const { node, client } = live as NonNullable<typeof live>
  const headers = { Prefer: 'wait=30' }

  async function aRunningVm(name: string, spec: Partial<sdk.VmSpecInput>): Promise<string> {
    const body = { name, spec: { cpu: { cores: 1 }, memory: { sizeMib: 64 }, nics: [], ...spec } }
    const { id } = succeeded(await sdk.createVm({ client, headers, body }))
    succeeded(await sdk.startVm({ client, headers, path: { id } }))
    return id
  }

  const endOf = async (operation: sdk.OperationRef | undefined): Promise<sdk.Operation> =>
    vi.waitFor(
      async () => {
        const id = operation?.id ?? ''
        const ended = succeeded(await sdk.getOperation({ client, path: { id }, query: { wait: 30 } }))
        if (!ended.done) throw new Error('it goes on')
        return ended
      },
      { timeout: 100_000, interval: 1 },
    )

  describe('a Linux guest', () => {
    let guest: LinuxGuest
    beforeAll(async () => {
      await addLinuxIso(node)
      guest = linuxGuest(node, await aRunningVm('linux', linuxSpec))
      await guest.isUp()
    })

    /** Of a guest that begins anew it begins anew. */
    const uptimeSeconds = async () => Number((await guest.sh('cat /proc/uptime')).split(' ')[0])

    /** It comes back with the next boot: the guest lives in memory. */
    const endAgent = () => guest.sh('(sleep 0.2; mv /bin/qemu-ga /bin/gone; killall qemu-ga) >/dev/null 2>&1 &')

    test.for(['by its agent', 'by its power button'])(
      'begins anew when it is asked %s, and its QEMU stays',
      async (how) => {
        const before = await findDomain(node.connection, guest.vmId)
        await guest.sh('echo here >/run/here')
        await vi.waitUntil(async () => (await uptimeSeconds()) > 3, { timeout: 30_000 })
        if (how === 'by its power button') {
          await endAgent()
          const isGone = async () => (await node.hypervisor.observeVm(guest.vmId))?.guestAgentConnected === false
          await vi.waitUntil(isGone, { timeout: 20_000 })
        }
        const path = { id: guest.vmId }
        const startedAt = Date.now()
        const accepted = succeeded(await sdk.rebootVm({ client, path }))
        expect(await endOf(accepted.operation)).toMatchObject({ status: 'succeeded' })
        await guest.isUp()
        expect(await uptimeSeconds()).toBeLessThan((Date.now() - startedAt) / 1000 + 1)
        expect(await guest.sh('ls /run')).not.toContain('here')
        expect((await findDomain(node.connection, guest.vmId))?.id).toBe(before?.id)
        expect(succeeded(await sdk.getVm({ client, path })).status).toMatchObject({ state: 'RUNNING', message: '' })
      },
    )

    test('stands still while it is paused, and has the time of now when it goes on', async () => {
      const path = { id: guest.vmId }
      const paused = succeeded(await sdk.pauseVm({ client, headers, path }))
      expect(paused.status.state).toBe('PAUSED')
      expect((await sdk.pauseVm({ client, path })).response?.status).toBe(200)
      const refused = await sdk.rebootVm({ client, path, body: {} })
      expect(refused.error).toMatchObject({ details: { remedies: [{ action: 'RESUME_VM' }] } })
      const since = Date.now()
      await vi.waitUntil(() => Date.now() - since > 4000, { timeout: 10_000 })
      const accepted = succeeded(await sdk.resumeVm({ client, path }))
      const { result } = await endOf(accepted.operation)
      expect(result?.clock).toMatchObject({ corrected: true, source: 'node' })
      expect(result?.clock?.offsetSeconds).toBeLessThan(-3)
      expect(result?.clock?.offsetSeconds).toBeGreaterThan(-60)
      expect(Math.abs(Number(await guest.sh('date +%s')) - Date.now() / 1000)).toBeLessThan(5)
      expect(succeeded(await sdk.getVm({ client, path })).status).toMatchObject({ state: 'RUNNING', message: '' })
    })
  })

  describe('a VM without a guest, which answers to nothing', () => {
    const stateOf = async (id: string) => {
      const dom = await findDomain(node.connection, id)
      return dom && (await readRunState(node.connection, dom))
    }

    test('does not reboot: that fails and names the way out, which works', async () => {
      const path = { id: await aRunningVm('no-reboot', {}) }
      const accepted = succeeded(await sdk.rebootVm({ client, path, body: { timeoutSeconds: 2 } }))
      const { error } = await endOf(accepted.operation)
      expect(error).toMatchObject({
        code: 'deadline_exceeded',
        reason: 'GUEST_DID_NOT_REBOOT',
        details: { remedies: [{ action: 'USE_FORCE' }] },
      })
      expect(await stateOf(path.id)).toBe('RUNNING')
      const forced = succeeded(await sdk.rebootVm({ client, path, body: { force: true } }))
      expect(await endOf(forced.operation)).toMatchObject({ status: 'succeeded' })
    })

    test('loses its power at once when a forced stop overtakes a graceful one', async () => {
      const path = { id: await aRunningVm('overtaken-stop', {}) }
      const graceful = succeeded(await sdk.stopVm({ client, path, body: { timeoutSeconds: 3600 } }))
      const asked = async () => succeeded(await sdk.getVm({ client, path })).operation?.status === 'running'
      await vi.waitUntil(asked, { timeout: 10_000 })
      const { allowedActions } = succeeded(await sdk.getVm({ client, path }))
      expect([allowedActions.forceStop.allowed, allowedActions.stop.allowed]).toEqual([true, false])
      const forced = succeeded(await sdk.stopVm({ client, headers, path, body: { force: true } }))
      expect(forced.status.state).toBe('STOPPED')
      expect(await endOf(graceful.operation)).toMatchObject({ status: 'failed', error: { reason: 'OVERTAKEN' } })
      expect(await stateOf(path.id)).toBe('STOPPED')
    })

    test('is stopped at once also while it is paused', async () => {
      const path = { id: await aRunningVm('paused-stop', {}) }
      succeeded(await sdk.pauseVm({ client, headers, path }))
      const stopped = succeeded(await sdk.stopVm({ client, headers, path, body: { timeoutSeconds: 3600 } }))
      expect(stopped.status).toMatchObject({ state: 'STOPPED', message: expect.stringContaining('was paused') })
    })

    test('goes when a forced delete overtakes its stop, and leaves its disks when asked to', async () => {
      const disks = [{ sizeGib: 1 }, { sizeGib: 2 }]
      const path = { id: await aRunningVm('overtaken-delete', { disks }) }
      // Its disk is a chain of files once.
      const taken = succeeded(await sdk.createSnapshot({ client, headers, path, body: { name: 'once' } }))
      const snapshotPath = { ...path, snapshotId: taken.id }
      const refused = await sdk.deleteVm({ client, path, query: { force: true, deleteDisks: false } })
      expect(refused.error).toMatchObject({ reason: 'VM_HAS_SNAPSHOTS' })
      expect((await sdk.deleteSnapshot({ client, headers, path: snapshotPath })).response?.status).toBe(204)

      succeeded(await sdk.stopVm({ client, path, body: { timeoutSeconds: 3600 } }))
      const accepted = await sdk.deleteVm({ client, path, query: { force: true, deleteDisks: false } })
      const operation = (accepted.data as sdk.Vm | undefined)?.operation
      const { result } = await endOf(operation)
      expect((await sdk.getVm({ client, path })).response?.status).toBe(404)
      expect(await stateOf(path.id)).toBeNull()
      const { poolDirectory } = node.options
      expect((await readdir(poolDirectory)).filter((name) => name.startsWith(path.id))).toEqual([])
      const volumes = result?.volumes ?? []
      expect(volumes.map(({ target }) => target)).toEqual(['vda', 'vdb'])
      const kept = await Promise.all(volumes.map(({ volume }) => readOverlayFile(`${poolDirectory}/${volume}`)))
      expect(kept).toMatchObject([
        { capacityBytes: 2 ** 30, backing: null },
        { capacityBytes: 2 * 2 ** 30, backing: null },
      ])
    })
  })
})
