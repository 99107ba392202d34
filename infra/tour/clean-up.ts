import type { Client } from '#openapi/sdk/typescript/client/index.ts'
import { deleteVm, listVms } from '#openapi/sdk/typescript/sdk.gen.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { StoragePoolState } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote, type StoragePool } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { ApiError, answered, preferWait, settled, waitForOperation } from './api.ts'
import { tourMark } from './try-cpu-mode.ts'

/** Removes every VM that a tour made, with its snapshots and disks; also those of a tour that was killed. */
export async function deleteTourVms(client: Client): Promise<number> {
  const made = (await answered(listVms({ client, query: { limit: 100 } }))).items.filter(
    (vm) => vm.description === tourMark,
  )
  for (const vm of made) await deleteTourVm(client, vm.id)
  return made.length
}

async function deleteTourVm(client: Client, id: string): Promise<void> {
  try {
    await settled(client, deleteVm({ client, headers: preferWait, path: { id }, query: { force: true } }))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { code, details } = error.body
    if (code === 'not_found') return
    // The step that was interrupted is still at work on it, or ended at this very moment.
    if (code !== 'aborted') throw error
    if (typeof details?.operationId === 'string') await untilEnded(client, details.operationId)
    await deleteTourVm(client, id)
  }
}

/** Whether it failed is of no interest. */
async function untilEnded(client: Client, operationId: string): Promise<void> {
  await waitForOperation(client, operationId).catch((failure) => {
    if (!(failure instanceof ApiError)) throw failure
  })
}

/** Makes libvirt forget the pools below a directory; its files are the caller's to remove. */
export async function forgetPools(uri: string, directory: string): Promise<void> {
  const connection = await connectLibvirt(uri)
  try {
    const { pools } = await connection.call(remote.connectListAllStoragePools, { needResults: 1, flags: 0 })
    for (const pool of pools) if (await isBelow(connection, pool, directory)) await forget(connection, pool)
  } finally {
    connection.close()
  }
}

async function isBelow(connection: LibvirtConnection, pool: StoragePool, directory: string): Promise<boolean> {
  const { xml } = await connection.call(remote.storagePoolGetXmlDesc, { pool, flags: 0 })
  return /<path>([^<]*)<\/path>/.exec(xml)?.[1]?.startsWith(`${directory}/`) ?? false
}

async function forget(connection: LibvirtConnection, pool: StoragePool): Promise<void> {
  const { state } = await connection.call(remote.storagePoolGetInfo, { pool })
  if (state !== StoragePoolState.INACTIVE) await connection.call(remote.storagePoolDestroy, { pool })
  await connection.call(remote.storagePoolUndefine, { pool })
}
