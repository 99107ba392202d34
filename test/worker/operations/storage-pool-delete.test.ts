import { expect } from 'vitest'
import { holdsTheStorageGuarantees } from './storage-world.ts'

holdsTheStorageGuarantees({
  kind: 'storage-pool.delete',
  arrange: async ({ aPool, beginPoolDelete }) => beginPoolDelete(await aPool()),
  async expectDone({ hypervisor, poolRows }) {
    expect(await hypervisor.listStoragePools()).toEqual([])
    expect(await poolRows()).toEqual([])
  },
  // A failure may come after the node has done it: the next look of its worker says so.
  expectUndone: async ({ poolRows }) => expect(await poolRows()).toMatchObject([{ name: 'fast', state: 'READY' }]),
})
