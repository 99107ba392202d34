import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import type { ControlPlane } from './control-plane.ts'
import { bytesWritten, smallerSide, writeDisk } from './guest-disk.ts'
import { timeMs } from './measure.ts'
import { type SnapshotContender, writes } from './snapshot-turn.ts'

/** A VM of ours, from the API call to done. */
export async function apiSnapshots({ apiUrl }: ControlPlane, connection: LibvirtConnection) {
  const ask = (method: string, path: string, body?: object) => askApi(`${apiUrl}/api/v1${path}`, method, body)
  const spec = { cpuMode: 'host-model', cpu: { cores: 1 }, memory: { sizeMib: 128 }, disks: [{ sizeGib: 1 }] }
  const { id: vmId } = await ask('POST', '/vms', { name: 'bench-snapshots', spec })
  await ask('POST', `/vms/${vmId}/start`)
  const snapshots = `/vms/${vmId}/snapshots`
  let taken = 0
  const take = () => ask('POST', snapshots, { name: `s${taken++}`, includeMemory: false })

  const contender: SnapshotContender = {
    async deepen(overlays) {
      while (taken < overlays) await take()
    },
    async turn() {
      await writeDisk(connection, vmId, ...writes.kept)
      let id = ''
      const snapshotMs = await timeMs(async () => {
        id = (await take()).id
      })
      await writeDisk(connection, vmId, ...writes.discarded)
      const revertMs = await timeMs(() =>
        ask('POST', `${snapshots}/${id}/revert`, { startAfterRevert: true, discardCurrent: true }),
      )
      await writeDisk(connection, vmId, ...writes.current)
      const smallerBytes = await smallerSide(connection, vmId)
      const before = await bytesWritten(vmId)
      const deleteMs = await timeMs(() => ask('DELETE', `${snapshots}/${id}`))
      const pauseMs = await timeMs(() => ask('POST', `/vms/${vmId}/pause`))
      await ask('POST', `/vms/${vmId}/resume`)
      return { snapshotMs, revertMs, deleteMs, pauseMs, smallerBytes, copiedBytes: (await bytesWritten(vmId)) - before }
    },
  }
  return { ...contender, vmId }
}

/** Waits until the operation is done. */
async function askApi(url: string, method: string, body?: object): Promise<{ id: string }> {
  const headers = { Prefer: 'wait=30', ...(body && { 'Content-Type': 'application/json' }) }
  const response = await fetch(url, { method, headers, body: body ? JSON.stringify(body) : null })
  if (response.status === 204) return { id: '' }
  const answer = await response.json()
  if (response.status !== 200) throw new Error(`${method} ${url}: ${response.status} ${JSON.stringify(answer)}`)
  return answer as { id: string }
}
