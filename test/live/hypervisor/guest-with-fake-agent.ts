import path from 'node:path'
import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { isFrozen } from '#worker/hypervisor/libvirt/freeze/freeze.ts'
import { snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { addLinuxIso, linuxSpec } from '../guest/linux-guest.ts'
import { type FakeAgent, startFakeAgent } from './fake-agent.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, domainOf, snapshotOf } from './node-vms.ts'

/** A running VM whose guest agent is a fake one, as new before each test of the `describe` that this is called in. */
export function guestWithFakeAgent() {
  let node: LibvirtNode
  let vmId: string
  let agent: FakeAgent
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await addLinuxIso(node)
    // A real guest opens the channel's port; then the fake takes the place of the channel's socket.
    vmId = await aRunningVm(node, linuxSpec)
    agent = await replaceAgent(node, vmId)
    await node.host.restart()
    await untilAgentAnswers(node, vmId)
  })
  afterAll(async () => {
    await node?.close()
    await agent?.close()
  })
  beforeEach(() => {
    agent.behave(() => undefined)
    agent.setFrozen(false)
    agent.asked.length = 0
    agent.changes.length = 0
  })

  const create = (parts: Partial<SnapshotRequest>) => node.hypervisor.createSnapshot(snapshotOf(vmId, parts))
  const untilThawed = () => vi.waitUntil(() => !agent.frozen, { timeout: 15_000, interval: 10 })
  /** The freezes of the guest so far, ms each. */
  const freezes = () =>
    agent.changes.flatMap(({ frozen, at }, index) => (frozen ? [(agent.changes[index + 1]?.at ?? Infinity) - at] : []))
  const unsettled = () => snapshotJournal(node.options.stateDirectory).listUnsettled(vmId)

  return {
    get node() {
      return node
    },
    get vmId() {
      return vmId
    },
    get agent() {
      return agent
    },
    create,
    untilThawed,
    freezes,
    unsettled,
  }
}

/**
 * A fake agent in place of the guest's own, once that has opened the channel's port. libvirt connects to an agent that
 * it has lost only when the guest opens its port again, or at its own start: restart it then.
 */
export async function replaceAgent(node: LibvirtNode, vmId: string): Promise<FakeAgent> {
  const liveXml = async () => readLiveXml(node.connection, await domainOf(node, vmId))
  const connected = async () => readDomain(await liveXml()).guestAgentConnected
  await vi.waitUntil(connected, { timeout: 60_000 })
  // Newer libvirts keep it below /run.
  const [, part = '', socket = ''] =
    /path='(?:\/var)?\/(lib|run)\/libvirt\/(.*org\.qemu\.guest_agent\.0)'/.exec(await liveXml()) ?? []
  return startFakeAgent(path.join(node.host.directory, part, socket))
}

export async function untilAgentAnswers(node: LibvirtNode, vmId: string): Promise<void> {
  const answers = async () => !(await isFrozen(node.connection, await domainOf(node, vmId)))
  await vi.waitUntil(() => answers().catch(() => false), { timeout: 20_000 })
}

export const require = (timeoutSeconds = 60) => ({ policy: 'require', timeoutSeconds }) as const
export const prefer = (timeoutSeconds = 60) => ({ policy: 'prefer', timeoutSeconds }) as const
