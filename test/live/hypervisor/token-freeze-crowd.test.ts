import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { addLinuxIso, linuxSpec } from '../guest/linux-guest.ts'
import type { FakeAgent } from './fake-agent.ts'
import { replaceAgent, untilAgentAnswers } from './guest-with-fake-agent.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm } from './node-vms.ts'

const unavailable = libvirtAvailable()
const signal = new AbortController().signal
const hungCount = 5
const toleratedMs = 2_000

interface Guest {
  vmId: string
  agent: FakeAgent
}

describe.skipIf(unavailable)(
  `a guest that is frozen with a token, among others whose agents hang${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    let node: LibvirtNode
    let guests: Guest[]
    beforeAll(async () => {
      node = await startLibvirtNode({ virtType: 'qemu' })
      await addLinuxIso(node)
      const start = async () => {
        const vmId = await aRunningVm(node, linuxSpec)
        return { vmId, agent: await replaceAgent(node, vmId) }
      }
      guests = await Promise.all(Array.from({ length: hungCount + 1 }, start))
      await node.host.restart()
      await Promise.all(guests.map(({ vmId }) => untilAgentAnswers(node, vmId)))
    })
    afterAll(async () => {
      await node?.close()
      await Promise.all(guests?.map(({ agent }) => agent.close()) ?? [])
    })

    const quiesce = ({ vmId }: Guest, timeoutSeconds: number) =>
      node.hypervisor.quiesceFilesystems({ vmId, mountPoints: [], timeoutSeconds, runPreFreezeScripts: false }, signal)

    test('is thawed at its deadline, and by its token, as if they did not', async () => {
      const [healthy, ...hung] = guests as [Guest, ...Guest[]]
      await Promise.all(hung.map((guest) => quiesce(guest, 2)))
      for (const { agent } of hung) agent.behave(() => 'never')
      const { deadlineAt } = await quiesce(healthy, 2)
      await vi.waitUntil(() => !healthy.agent.frozen, { timeout: 30_000, interval: 5 })
      expect(Date.now() - Date.parse(deadlineAt)).toBeLessThan(toleratedMs)
      expect(hung.map(({ agent }) => agent.frozen)).toEqual(hung.map(() => true))

      const { token } = await quiesce(healthy, 60)
      const asked = performance.now()
      await node.hypervisor.thawFilesystems({ vmId: healthy.vmId, token, runPostThawScripts: false }, signal)
      expect(performance.now() - asked).toBeLessThan(toleratedMs)

      for (const { agent } of hung) agent.behave(() => undefined)
      await vi.waitUntil(() => hung.every(({ agent }) => !agent.frozen), { timeout: 30_000 })
    })
  },
)
