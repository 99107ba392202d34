import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { holdFiles } from '#worker/hypervisor/libvirt/freeze/hold-files.ts'
import { createHolds } from '#worker/hypervisor/libvirt/freeze/holds.ts'
import { createThawLine } from '#worker/hypervisor/libvirt/freeze/thaw-line.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { createSnapshot } from '#worker/hypervisor/libvirt/snapshot/create.ts'
import { snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { createSettlements } from '#worker/hypervisor/libvirt/snapshot/settle.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import { guestWithFakeAgent, require } from './guest-with-fake-agent.ts'
import { snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(
  `a guest that is frozen for a snapshot, and whose agent, libvirtd or QEMU is lost${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    const guest = guestWithFakeAgent()
    const { create, untilThawed, freezes, unsettled } = guest

    test('is thawed when its agent, gone between freeze and thaw, is back', async () => {
      guest.agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'hangUp' : undefined))
      const taking = create({ quiesce: require(30) })
      await vi.waitUntil(() => guest.agent.asked.includes('guest-fsfreeze-thaw'), { timeout: 10_000 })
      expect(guest.agent.frozen).toBe(true)
      guest.agent.behave(() => undefined)
      await guest.node.host.restart()
      const taken = await taking
      expect(guest.agent.frozen).toBe(false)
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: null })
      expect(taken.freeze?.durationMs).toBeGreaterThanOrEqual(Math.floor(freezes()[0] ?? Infinity))
    })

    test('is waited for no longer than its deadline when its agent is gone, and the record says so', async () => {
      guest.agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'hangUp' : undefined))
      const taken = await create({ quiesce: require(1) })
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: expect.stringContaining('not been seen thawed') })
      expect(guest.agent.frozen).toBe(true)
      // The guest is one that was not seen thawed: no other freeze is asked for.
      await expect(create({ quiesce: require() })).rejects.toMatchObject({ code: 'failed_precondition' })
      guest.agent.behave(() => undefined)
      await guest.node.host.restart()
      await untilThawed()
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })

    test('is thawed at the deadline also while libvirt hangs in the snapshot', async () => {
      const hanging = Promise.withResolvers<void>()
      const slowConnection: LibvirtConnection = Object.create(guest.node.connection, {
        call: {
          value: async (...args: Parameters<LibvirtConnection['call']>) => {
            if (args[0].number === remote.domainSnapshotCreateXml.number) await hanging.promise
            return guest.node.connection.call(...args)
          },
        },
      })
      const { connection } = guest.node
      const journal = snapshotJournal(guest.node.options.stateDirectory)
      const log = guest.node.options.log
      const { nodeId, poolDirectory } = guest.node.options
      const pool = storagePool(connection, { name: `quantix-${nodeId.slice(0, 8)}`, path: poolDirectory })
      const connect = () => connectLibvirt(guest.node.options.uri)
      const thawLine = createThawLine(connect)
      const settlements = createSettlements({ connection, thawLine, pool, journal, log })
      const reclaims = reclaimJournal(guest.node.options.stateDirectory)
      const files = holdFiles(guest.node.options.stateDirectory)
      const holds = createHolds({ connection, thawLine, files, runPostThaw: async () => null, log })
      const deps = { connect, connection, slowConnection, pool, journal, settlements, holds, reclaims, log }
      const taking = createSnapshot(deps, snapshotOf(guest.vmId, { quiesce: require(2) })).catch((error) => error)
      await vi.waitUntil(() => guest.agent.frozen, { timeout: 10_000, interval: 5 })
      await untilThawed()
      expect(freezes()[0]).toBeLessThan(4_000)
      hanging.resolve()
      expect(await taking).toMatchObject({ code: 'deadline_exceeded', reason: 'GUEST_THAWED_TOO_EARLY' })
      settlements.close()
    })

    test('is thawed also when libvirtd is killed meanwhile, and its snapshot is not labelled by guess', async () => {
      const outcomes: string[] = []
      for (const delayMs of [0, 20, 40, 80]) {
        guest.agent.changes.length = 0
        const request = snapshotOf(guest.vmId, { quiesce: require(10) })
        const taking = guest.node.hypervisor.createSnapshot(request).then(
          ({ consistency }) => consistency,
          ({ reason }: AppError) => reason ?? '',
        )
        await vi.waitUntil(() => guest.agent.frozen, { timeout: 10_000, interval: 1 })
        await sleep(delayMs)
        const wasFrozen = guest.agent.frozen
        await guest.node.host.kill('SIGKILL')
        await guest.node.host.restart()
        await untilThawed()
        const outcome = await taking
        if (wasFrozen) outcomes.push(outcome)
        expect(['quiesced', 'HYPERVISOR_UNAVAILABLE', 'GUEST_THAWED_TOO_EARLY']).toContain(outcome)
        expect(Math.max(...freezes())).toBeLessThan(12_000)
        await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
      }
      expect(outcomes, 'libvirtd was never killed while the guest was frozen: nothing was proved').not.toEqual([])
    })

    test('is waited for no longer when its VM has ended', async () => {
      guest.agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'never' : undefined))
      const taking = create({ quiesce: require(30) }).catch((error) => error)
      await vi.waitUntil(() => guest.agent.asked.includes('guest-fsfreeze-thaw'), { timeout: 10_000 })
      process.kill(qemuPid(guest.vmId), 'SIGKILL')
      expect(await taking).toMatchObject({ consistency: 'quiesced' })
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })
  },
)
