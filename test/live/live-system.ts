import { afterAll } from 'vitest'
import { onPostgres, startSystem } from '#test/e2e/system.ts'
import { startLibvirtNode } from './hypervisor/libvirt-node.ts'

/** Api and worker on a libvirt node of their own, until the tests of the file are over. */
export async function startLiveSystem(...options: Parameters<typeof startLibvirtNode>) {
  const node = await startLibvirtNode(...options)
  // Registered first, it comes last: the worker goes before its node.
  afterAll(() => node.close())
  return { node, ...(await startSystem(onPostgres, node.hypervisor, node.options.nodeId)) }
}
