import path from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterAll, expect, test } from 'vitest'
import { serveApi } from '#api/serve.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { createClient } from '#openapi/sdk/typescript/client/index.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { headers, succeeded } from '#test/e2e/system.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { db, log, queue } from '#test/worker/a-worker.ts'
import { aVmRequest, call } from '#test/worker/daemon/daemon.ts'
import { aManagedDaemon } from '#test/worker/daemon/managed-daemon.ts'
import { expectContent, stretchOf, writeDisk } from '../hypervisor/disk-content.ts'
import { startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { filesOf, sourcesOf } from '../hypervisor/node-vms.ts'

const unavailable = libvirtAvailable()
const live = unavailable ? null : await startLive()

/** One node with a control plane, and a client of either. */
async function startLive() {
  const node = await startLibvirtNode()
  afterAll(() => node.close())
  const doorbell = openDoorbell(queue)
  const parts = { database: db, doorbell, queueBackend: queue.backend, secretBox: testSecretBox, maxSnapshots: 4, log }
  const server = await serveApi(parts, { port: 0 })
  afterAll(async () => {
    await server.close()
    await doorbell.close()
  })
  const daemon = await aManagedDaemon(afterAll, node.hypervisor, { nodeId: node.options.nodeId })
  return { node, daemon: daemon.client, client: createClient({ baseUrl: server.url }) }
}

test.skipIf(unavailable)(
  `a VM on libvirt is one and the same by gRPC and over REST${unavailable ? `, skipped: ${unavailable}` : ''}`,
  async () => {
    if (!live) throw new Error('libvirt is not there')
    const { node, daemon, client } = live
    const vm = aVmRequest('either')
    const { vmId } = vm
    const at = { client, headers, path: { id: vmId } }
    await call(daemon, 'CreateVM', vm)
    await call(daemon, 'StartVM', { vmId })
    expect(succeeded(await sdk.getVm(at))).toMatchObject({ name: 'either', status: { state: 'RUNNING' } })
    const [before, after] = [stretchOf(0, 1, 1), stretchOf(0, 1, 2)]
    await writeDisk(node, vmId, [before])
    const { id: snapshotId } = succeeded(await sdk.createSnapshot({ ...at, body: { name: 'over REST' } }))
    await writeDisk(node, vmId, [after])

    const { snapshots } = await call(daemon, 'ListSnapshots', { vmId })
    expect(snapshots).toMatchObject([{ snapshotId, name: 'over REST' }])
    await call(daemon, 'RevertSnapshot', { vmId, snapshotId })
    const { inactive } = await sourcesOf(node, vmId)
    await expectContent(node, path.basename(inactive[0] ?? ''), [before])
    await call(daemon, 'DeleteSnapshot', { vmId, snapshotId })
    expect(succeeded(await sdk.listSnapshots(at)).items).toMatchObject([{ name: 'before-revert-to-over REST' }])

    await call(daemon, 'StartVM', { vmId })
    // Its guest has no system that could hear of it.
    const polite = call(daemon, 'StopVM', { vmId, timeoutSeconds: 600 }).catch((error) => error)
    await expect.poll(async () => succeeded(await sdk.getVm(at)).status.state).toBe('STOPPING')
    expect(succeeded(await sdk.stopVm({ ...at, body: { force: true } })).status.state).toBe('STOPPED')
    expect(await polite).toMatchObject({ code: status.ABORTED })
    await call(daemon, 'DeleteVM', { vmId })
    expect((await sdk.getVm(at)).error).toMatchObject({ reason: 'VM_NOT_FOUND' })
    expect(await filesOf(node, vmId)).toEqual([])
  },
)
