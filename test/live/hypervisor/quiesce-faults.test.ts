import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { buildGuestIso } from '#infra/guest/build.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { createSnapshot } from '#worker/hypervisor/libvirt/snapshot/create.ts'
import { isFrozen } from '#worker/hypervisor/libvirt/snapshot/freeze.ts'
import { snapshotJournal } from '#worker/hypervisor/libvirt/snapshot/journal.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { createSettlements } from '#worker/hypervisor/libvirt/snapshot/settle.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import type { SnapshotRequest } from '#worker/hypervisor/port.ts'
import { type Answer, type FakeAgent, startFakeAgent } from './fake-agent.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, domainOf, filesOf, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

const require = (timeoutSeconds = 60) => ({ policy: 'require', timeoutSeconds }) as const
const prefer = (timeoutSeconds = 60) => ({ policy: 'prefer', timeoutSeconds }) as const

describe.skipIf(unavailable)(
  `a guest that is frozen for a snapshot${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    let node: LibvirtNode
    let vmId: string
    let agent: FakeAgent
    beforeAll(async () => {
      const cacheDirectory = path.join(import.meta.dirname, '../../../.cache/guest')
      node = await startLibvirtNode({ virtType: 'qemu' })
      await copyFile(await buildGuestIso({ cacheDirectory }), path.join(node.options.imagesDirectory, 'guest.iso'))
      // A real guest opens the channel's port; then the fake takes the place of the channel's socket.
      vmId = await aRunningVm(node, {
        memory: { sizeMib: 256 },
        disks: [{ sizeGib: 1 }],
        cdroms: [{ iso: 'guest.iso' }],
      })
      const connected = async () => readDomain(await liveXml()).guestAgentConnected
      await vi.waitUntil(connected, { timeout: 60_000 })
      // Newer libvirts keep it below /run.
      const [, part = '', socket = ''] =
        /path='(?:\/var)?\/(lib|run)\/libvirt\/(.*org\.qemu\.guest_agent\.0)'/.exec(await liveXml()) ?? []
      agent = await startFakeAgent(path.join(node.host.directory, part, socket))
      await connectAnew()
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

    const liveXml = async () => readLiveXml(node.connection, await domainOf(node, vmId))

    /** libvirt connects to an agent that it has lost only when the guest opens its port again, or at its own start. */
    async function connectAnew(): Promise<void> {
      await node.host.restart()
      const answers = async () => !(await isFrozen(node.connection, await domainOf(node, vmId)))
      await vi.waitUntil(() => answers().catch(() => false), { timeout: 20_000 })
    }

    const create = (parts: Partial<SnapshotRequest>) => node.hypervisor.createSnapshot(snapshotOf(vmId, parts))
    const untilThawed = () => vi.waitUntil(() => !agent.frozen, { timeout: 15_000, interval: 10 })
    /** The freezes of the guest so far, ms each. */
    const freezes = () =>
      agent.changes.flatMap(({ frozen, at }, index) =>
        frozen ? [(agent.changes[index + 1]?.at ?? Infinity) - at] : [],
      )
    const unsettled = () => snapshotJournal(node.options.stateDirectory).listUnsettled(vmId)

    test('is recorded with what was frozen, and for how long', async () => {
      const start = performance.now()
      const taken = await create({ quiesce: require() })
      const tookMs = performance.now() - start
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced', notice: null })
      expect(taken.freeze?.fileSystems).toEqual(['/', '/data'])
      const [ms = Infinity, ...more] = freezes()
      expect(more).toEqual([])
      expect(taken.freeze?.durationMs).toBeGreaterThanOrEqual(Math.floor(ms))
      expect(taken.freeze?.durationMs).toBeLessThanOrEqual(Math.ceil(tookMs))
    })

    test.for([{ policy: 'require' as const }, { policy: 'prefer' as const }])(
      'is thawed when its agent freezes later than it was waited for: $policy',
      async ({ policy }) => {
        const freezing = Promise.withResolvers<void>()
        agent.behave(async (command) => {
          if (command !== 'guest-fsfreeze-freeze') return undefined
          await freezing.promise
          return undefined
        })
        const before = await filesOf(node, vmId)
        const request = snapshotOf(vmId, { quiesce: { policy, timeoutSeconds: 1 } })
        const outcome = await node.hypervisor.createSnapshot(request).catch((error) => error)
        if (policy === 'require') {
          expect(outcome).toMatchObject({ code: 'failed_precondition', reason: 'GUEST_FREEZE_FAILED' })
          expect(await filesOf(node, vmId)).toEqual(before)
        } else {
          expect(outcome).toMatchObject({ kind: 'disk-only', consistency: 'crash', freeze: null })
          expect(outcome.notice).toContain('crash-consistent')
        }
        expect(agent.frozen).toBe(false)
        expect(await unsettled()).toHaveLength(1)
        freezing.resolve()
        await vi.waitUntil(() => freezes().length === 1, { timeout: 10_000 })
        await untilThawed()
        expect(freezes()[0]).toBeLessThan(2_000)
        await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
        if (policy === 'prefer') expect(await node.hypervisor.createSnapshot(request)).toEqual(outcome)
      },
    )

    test('is thawed when its agent says that it could not freeze, and froze all the same', async () => {
      agent.behave((command) => {
        if (command !== 'guest-fsfreeze-freeze' || agent.frozen) return undefined
        agent.setFrozen(true)
        return { error: 'failed to freeze /data: Input/output error' }
      })
      const before = await filesOf(node, vmId)
      await expect(create({ quiesce: require() })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_FREEZE_FAILED',
        message: expect.stringContaining('failed to freeze /data'),
      })
      expect(agent.frozen).toBe(false)
      expect(freezes()).toHaveLength(1)
      expect(await filesOf(node, vmId)).toEqual(before)
      const taken = await create({ quiesce: prefer() })
      expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'crash', freeze: null })
      expect(taken.notice).toContain('failed to freeze /data')
      expect(agent.frozen).toBe(false)
    })

    test('is thawed again and again until it is seen thawed', async () => {
      const answers: Answer[] = [{ error: 'busy' }, { return: 2 }, { return: 'nonsense' }]
      agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? answers.shift() : undefined))
      const taken = await create({ quiesce: require() })
      expect(answers).toEqual([])
      expect(agent.frozen).toBe(false)
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: null })
    })

    test('is thawed when its agent, gone between freeze and thaw, is back', async () => {
      agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'hangUp' : undefined))
      const taking = create({ quiesce: require(30) })
      await vi.waitUntil(() => agent.asked.includes('guest-fsfreeze-thaw'), { timeout: 10_000 })
      expect(agent.frozen).toBe(true)
      agent.behave(() => undefined)
      await node.host.restart()
      const taken = await taking
      expect(agent.frozen).toBe(false)
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: null })
      expect(taken.freeze?.durationMs).toBeGreaterThanOrEqual(Math.floor(freezes()[0] ?? Infinity))
    })

    test('is waited for no longer than its deadline when its agent is gone, and the record says so', async () => {
      agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'hangUp' : undefined))
      const taken = await create({ quiesce: require(1) })
      expect(taken).toMatchObject({ consistency: 'quiesced', notice: expect.stringContaining('not been seen thawed') })
      expect(agent.frozen).toBe(true)
      // The guest is one that was not seen thawed: no other freeze is asked for.
      await expect(create({ quiesce: require() })).rejects.toMatchObject({ code: 'failed_precondition' })
      agent.behave(() => undefined)
      await node.host.restart()
      await untilThawed()
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })

    test('is thawed also when its agent answered nonsense', async () => {
      agent.behave((command) => {
        if (command !== 'guest-fsfreeze-freeze') return undefined
        agent.setFrozen(true)
        return { raw: '}{ \u0000\u00ff not json\n' }
      })
      await expect(create({ quiesce: require(2) })).rejects.toMatchObject({ reason: 'GUEST_FREEZE_FAILED' })
      agent.behave(() => undefined)
      await node.host.restart()
      await untilThawed()
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })

    test('is never thawed when somebody else froze it, though its agent only says that the command is forbidden', async () => {
      agent.behave((command) => {
        // Between the look and the freeze, a backup program was faster.
        if (command === 'guest-get-fsinfo') agent.setFrozen(true)
        return command === 'guest-fsfreeze-freeze'
          ? { error: 'Command guest-fsfreeze-freeze has been disabled: the command is not allowed' }
          : undefined
      })
      await expect(create({ quiesce: require(1) })).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'GUEST_ALREADY_FROZEN',
      })
      await node.reopen()
      await sleep(1_500)
      expect(agent.frozen).toBe(true)
      expect(agent.asked).not.toContain('guest-fsfreeze-thaw')
    })

    test('and thaws by itself does not make a quiesced snapshot', async () => {
      const thawsEarly = () => {
        let statuses = 0
        agent.behave((command) => {
          // Before the freeze, after it, after the disks were taken.
          if (command === 'guest-fsfreeze-status' && ++statuses === 3) agent.setFrozen(false)
          return undefined
        })
      }
      thawsEarly()
      const request = snapshotOf(vmId, { quiesce: require() })
      for (let time = 0; time < 2; time++) {
        await expect(node.hypervisor.createSnapshot(request)).rejects.toMatchObject({
          reason: 'GUEST_THAWED_TOO_EARLY',
        })
      }
      thawsEarly()
      const taken = await create({ quiesce: prefer() })
      expect(taken).toMatchObject({
        consistency: 'crash',
        freeze: null,
        notice: expect.stringContaining('crash-consistent'),
      })
    })

    test('is thawed at the deadline also while libvirt hangs in the snapshot', async () => {
      const hanging = Promise.withResolvers<void>()
      const slowConnection: LibvirtConnection = Object.create(node.connection, {
        call: {
          value: async (...args: Parameters<LibvirtConnection['call']>) => {
            if (args[0].number === remote.domainSnapshotCreateXml.number) await hanging.promise
            return node.connection.call(...args)
          },
        },
      })
      const { connection } = node
      const journal = snapshotJournal(node.options.stateDirectory)
      const log = node.options.log
      const { nodeId, poolDirectory } = node.options
      const pool = storagePool(connection, { name: `quantix-${nodeId.slice(0, 8)}`, path: poolDirectory })
      const settlements = createSettlements({ connection, thawConnection: connection, pool, journal, log })
      const connect = () => connectLibvirt(node.options.uri)
      const reclaims = reclaimJournal(node.options.stateDirectory)
      const deps = { connect, connection, slowConnection, pool, journal, settlements, reclaims, log }
      const taking = createSnapshot(deps, snapshotOf(vmId, { quiesce: require(2) })).catch((error) => error)
      await vi.waitUntil(() => agent.frozen, { timeout: 10_000, interval: 5 })
      await untilThawed()
      expect(freezes()[0]).toBeLessThan(4_000)
      hanging.resolve()
      expect(await taking).toMatchObject({ code: 'deadline_exceeded', reason: 'GUEST_THAWED_TOO_EARLY' })
      settlements.close()
    })

    test('is thawed also when libvirtd is killed meanwhile, and its snapshot is not labelled by guess', async () => {
      const outcomes: string[] = []
      for (const delayMs of [0, 20, 40, 80]) {
        agent.changes.length = 0
        const request = snapshotOf(vmId, { quiesce: require(10) })
        const taking = node.hypervisor.createSnapshot(request).then(
          ({ consistency }) => consistency,
          ({ reason }: AppError) => reason ?? '',
        )
        await vi.waitUntil(() => agent.frozen, { timeout: 10_000, interval: 1 })
        await sleep(delayMs)
        const wasFrozen = agent.frozen
        await node.host.kill('SIGKILL')
        await node.host.restart()
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
      agent.behave((command) => (command === 'guest-fsfreeze-thaw' ? 'never' : undefined))
      const taking = create({ quiesce: require(30) }).catch((error) => error)
      await vi.waitUntil(() => agent.asked.includes('guest-fsfreeze-thaw'), { timeout: 10_000 })
      process.kill(qemuPid(vmId), 'SIGKILL')
      expect(await taking).toMatchObject({ consistency: 'quiesced' })
      await expect.poll(unsettled, { timeout: 10_000 }).toEqual([])
    })
  },
)
