import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { status } from '@grpc/grpc-js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { privateSettings, runCommand } from '#test/infra/run-command.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { aClient, call } from '#test/worker/daemon/daemon.ts'
import { isFrozen } from '#worker/hypervisor/libvirt/freeze/freeze.ts'
import { writeJson } from '#worker/json-file.ts'
import { newVmRow } from '#worker/standalone/new-rows.ts'
import type { VmRecord } from '#worker/standalone/vm-files.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { domainOf } from '../hypervisor/node-vms.ts'
import type { LinuxGuest } from './linux-guest.ts'

const timeoutSeconds = 5
const lateMs = 30_000

/** What becomes of a guest that the real command froze, when the command is killed. */
export function describeKilledCommand(open: () => { node: LibvirtNode; guest: LinuxGuest }): void {
  describe('a worker without a control plane', () => {
    test('that is killed while it holds a guest frozen thaws it at the deadline, when it is started again', async () => {
      const { node, guest } = open()
      const { vmId } = guest
      const isStill = async () => isFrozen(node.connection, await domainOf(node, vmId))
      const start = await commandOf(node, vmId)
      const worker = await start()
      const asked = { vmId, mountPoints: ['/disk'], timeoutSeconds }
      const { frozen, quiesceToken, deadlineAt } = await call(worker.client, 'QuiesceFilesystems', asked)
      expect(frozen).toMatchObject([{ mountPoint: '/disk', frozen: true }])
      await worker.kill()
      expect(await isStill()).toBe(true)

      const { client } = await start()
      const deadline = Number(deadlineAt?.seconds) * 1000
      const untilMs = deadline - Date.now() + lateMs
      await vi.waitUntil(async () => !(await isStill().catch(() => true)), { timeout: untilMs, interval: 100 })
      expect(Date.now()).toBeGreaterThanOrEqual(deadline)
      const late = call(client, 'ThawFilesystems', { vmId, quiesceToken })
      await expect(late).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
      await guest.sh('echo thawed > /disk/thawed')
    })
  })
}

/** How the command is started on a node, with the node's pool, and with files of its own that say that it made the VM. */
async function commandOf({ host, options }: LibvirtNode, vmId: string) {
  const settings = await privateSettings()
  const state = path.dirname(options.poolDirectory)
  await writeFile(path.join(state, 'node-id'), options.nodeId)
  const { spec } = aDefinition()
  const vm = newVmRow({ vmId, name: 'guest', labels: {}, spec, secrets: {} }, options.nodeId)
  const record: VmRecord = { vm, snapshots: [], operation: null, asked: [], secrets: [] }
  await writeJson(path.join(state, 'vms', `${vmId}.json`), record)
  const env = { ...settings, QUANTIX_STATE: state, QUANTIX_LIBVIRT_URI: host.uri, QUANTIX_VIRT_TYPE: 'qemu' }
  const port = Number(settings.QUANTIX_GRPC_PORT)
  return async () => {
    const command = runCommand(['worker/main.ts', '--standalone'], env)
    await command.printed('the worker serves')
    const client = aClient(port)
    onTestFinished(() => client.close())
    return {
      client,
      async kill() {
        process.kill(command.processes().at(-1)?.pid ?? Number.NaN, 'SIGKILL')
        await command.ended()
      },
    }
  }
}
