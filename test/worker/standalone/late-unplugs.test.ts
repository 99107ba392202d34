import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { aDaemon, aStateDirectory, aVmRequest, call } from '#test/worker/daemon/daemon.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { VmRecord } from '#worker/standalone/vm-files.ts'

test('what a guest lets go of after its detach failed comes back, also when the daemon was started anew', async ({
  onTestFinished,
}) => {
  const hypervisor = createSimulatedHypervisor()
  const stateDirectory = aStateDirectory(onTestFinished)
  const vm = aVmRequest('keeps-devices')
  const { vmId } = vm
  const file = `${stateDirectory}/vms/${vmId}.json`
  const remembered = async (): Promise<VmRecord> => JSON.parse(await readFile(file, 'utf8'))
  const plugged = () => hypervisor.contents.vms[vmId]?.running?.spec.disks.map(({ target }) => target)

  const first = await aDaemon(hypervisor, stateDirectory)
  await call(first.client, 'CreateVM', vm)
  await call(first.client, 'StartVM', { vmId })
  await call(first.client, 'AttachDisk', { vmId, disk: { sizeGib: 1 } })
  const detaching = call(first.client, 'DetachDisk', { vmId, diskId: 'vdb' }).catch(() => {})
  await eventually(async () => Object.hasOwn((await remembered()).operation?.steps ?? {}, 'find'))
  await first.close()
  await detaching
  // The guest's time is up when the next one goes on.
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace(/"deadline":\s*"[^"]*"/, `"deadline":"${new Date().toISOString()}"`),
  )
  const second = await aDaemon(hypervisor, stateDirectory)
  await eventually(async () => (await remembered()).operation === null)
  await second.close()
  expect(plugged()).toEqual(['vda', 'vdb'])

  const third = await aDaemon(hypervisor, stateDirectory)
  onTestFinished(() => third.close())
  hypervisor.letGo(vmId, { target: 'vdb' })
  expect(plugged()).toEqual(['vda'])
  await eventually(() => plugged()?.length === 2)
  await call(third.client, 'ForceStopVM', { vmId })
  expect((await remembered()).asked).toEqual([])
})
