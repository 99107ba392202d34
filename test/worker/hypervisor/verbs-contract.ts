import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { VmEvent } from '#worker/hypervisor/port.ts'
import { type HypervisorUnderTest, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of the power of a VM between on and off, and of disks that outlive it. */
export function describeVerbs(node: () => HypervisorUnderTest): void {
  const { aVm, aRunningVm, stateOf } = vmsOn(node)

  describe('a VM that stands still', () => {
    test('keeps its place, and goes on, each however often it is asked', async () => {
      const { hypervisor } = node()
      const { vmId } = await aRunningVm()
      await hypervisor.pauseVm(vmId)
      await hypervisor.pauseVm(vmId)
      expect(await stateOf(vmId)).toBe('PAUSED')
      await hypervisor.startVm(vmId)
      expect(await stateOf(vmId)).toBe('PAUSED')
      await hypervisor.resumeVm(vmId)
      await hypervisor.resumeVm(vmId)
      expect(await stateOf(vmId)).toBe('RUNNING')
    })

    test('can lose its power', async () => {
      const { vmId } = await aRunningVm()
      await node().hypervisor.pauseVm(vmId)
      await node().hypervisor.destroyVm(vmId)
      expect(await stateOf(vmId)).toBe('STOPPED')
    })

    test('is neither rebooted nor reset', async () => {
      const { vmId } = await aRunningVm()
      await node().hypervisor.pauseVm(vmId)
      const refused = { code: 'failed_precondition', reason: 'VM_NOT_RUNNING' }
      await expect(node().hypervisor.requestReboot(vmId)).rejects.toMatchObject(refused)
      await expect(node().hypervisor.resetVm(vmId)).rejects.toMatchObject(refused)
    })
  })

  test('a VM that is stopped is neither paused, resumed, rebooted nor reset', async () => {
    const { hypervisor } = node()
    const { vmId } = await aVm()
    for (const call of ['pauseVm', 'resumeVm', 'requestReboot', 'resetVm'] as const) {
      await expect(hypervisor[call](vmId)).rejects.toMatchObject({ code: 'failed_precondition' })
    }
    expect(await stateOf(vmId)).toBe('STOPPED')
  })

  test('a reset is told of as a reboot, and the VM runs all the time', async () => {
    const { hypervisor } = node()
    const { vmId } = await aRunningVm()
    const seen: VmEvent[] = []
    const stop = hypervisor.onVmEvent((event) => event.vmId === vmId && seen.push(event))
    await hypervisor.resetVm(vmId)
    await vi.waitUntil(() => seen.some(({ rebooted }) => rebooted), 5000)
    stop()
    expect(seen.map(({ state }) => state)).not.toContain('STOPPED')
    expect(await stateOf(vmId)).toBe('RUNNING')
  })

  describe('a disk that outlives its VM', () => {
    test('has another name then, and is not removed with what else is of the VM', async () => {
      const { hypervisor } = node()
      const { vmId } = await aVm({ disks: [{ sizeGib: 1 }, { sizeGib: 1 }] })
      const disks = await hypervisor.findDisks(vmId)
      expect(disks.map(({ target }) => target)).toEqual(['vda', 'vdb'])
      const [first] = disks
      if (!first) expect.fail('it has no disk')
      const volume = `volume-${randomUUID()}.qcow2`
      await expect(hypervisor.keepVolume(vmId, first.volume, volume)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'VM_IS_DEFINED',
      })
      await hypervisor.undefineVm(vmId)
      expect(await hypervisor.findDisks(vmId)).toEqual(expect.arrayContaining(disks))
      await hypervisor.keepVolume(vmId, first.volume, volume)
      await hypervisor.keepVolume(vmId, first.volume, volume)
      await hypervisor.deleteVmFiles(vmId)
      await hypervisor.keepVolume(vmId, first.volume, volume)
      expect(await hypervisor.findDisks(vmId)).toEqual([])
      await expect(hypervisor.keepVolume(vmId, 'gone.qcow2', 'gone-too.qcow2')).rejects.toMatchObject({
        reason: 'DISK_FILE_MISSING',
      })
    })
  })
}
