import { randomUUID } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import type { QuiesceRequest } from '#worker/hypervisor/agent-calls.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { guestWithFakeAgent, prefer, require } from './guest-with-fake-agent.ts'
import { domainOf, filesOf } from './node-vms.ts'

const unavailable = libvirtAvailable()
const signal = new AbortController().signal

describe.skipIf(unavailable)(
  `a guest that is frozen with a token${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    const guest = guestWithFakeAgent()
    const { create, untilThawed, freezes } = guest

    const tokens: string[] = []
    afterEach(async () => {
      for (const token of tokens.splice(0)) await thaw(token).catch(() => {})
    })

    async function quiesce(parts: Partial<QuiesceRequest> = {}) {
      const request = { vmId: guest.vmId, mountPoints: [], timeoutSeconds: 60, runPreFreezeScripts: false, ...parts }
      const quiesced = await guest.node.hypervisor.quiesceFilesystems(request, signal)
      tokens.push(quiesced.token)
      return quiesced
    }
    const thaw = (token: string) =>
      guest.node.hypervisor.thawFilesystems({ vmId: guest.vmId, token, runPostThawScripts: false }, signal)
    const file = () => path.join(guest.node.options.stateDirectory, 'freezes', `${guest.vmId}.json`)

    test('is thawed by that token alone, once, and it is told what was frozen and for how long', async () => {
      const { token, fileSystems } = await quiesce()
      expect(fileSystems).toEqual([
        { mountPoint: '/', device: 'vda1', type: 'ext4', frozen: true, error: null },
        {
          mountPoint: '/boot/efi',
          device: 'vda2',
          type: 'vfat',
          frozen: false,
          error: expect.stringContaining('vfat'),
        },
        { mountPoint: '/data', device: 'vdb1', type: 'xfs', frozen: true, error: null },
      ])
      expect(guest.agent.frozen).toBe(true)
      expect((await stat(file())).mode & 0o777).toBe(0o600)
      expect(await readFile(file(), 'utf8')).not.toContain(token)

      await expect(thaw(randomUUID())).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'QUIESCE_TOKEN_UNKNOWN',
      })
      expect(guest.agent.frozen).toBe(true)
      const thawed = await thaw(token)
      expect(guest.agent.frozen).toBe(false)
      expect(thawed.mountPoints).toEqual(['/', '/data'])
      expect(thawed.frozenMs).toBeGreaterThanOrEqual(Math.floor(freezes()[0] ?? Infinity))
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
      await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('is thawed at its deadline, after which the token is nobody’s', async () => {
      const { token, deadlineAt } = await quiesce({ timeoutSeconds: 1 })
      await untilThawed()
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deadlineAt))
      expect(freezes()[0]).toBeLessThan(3_000)
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
    })

    test('freezes the mount points that were named alone, and none where one of them cannot be', async () => {
      const asked = (mountPoints: string[]) => quiesce({ mountPoints }).catch((error) => error)
      for (const [mountPoint, reason] of [
        ['/nowhere', 'MOUNT_POINT_NOT_FOUND'],
        ['/data/../data', 'MOUNT_POINT_NOT_FOUND'],
        ['/boot/efi', 'MOUNT_POINT_CANNOT_FREEZE'],
      ] as const) {
        expect(await asked(['/data', mountPoint])).toMatchObject({ code: 'invalid_argument', reason })
      }
      expect(guest.agent.changes).toEqual([])
      const { token, fileSystems } = await asked(['/srv/data'])
      expect(fileSystems).toMatchObject([{ mountPoint: '/srv/data', frozen: true }])
      expect((await thaw(token)).mountPoints).toEqual(['/srv/data'])
    })

    test('is thawed again, and held by nobody, where its agent froze only a part', async () => {
      guest.agent.behave((command) => {
        if (!command.startsWith('guest-fsfreeze-freeze')) return undefined
        guest.agent.setFrozen(true)
        return { return: 1 }
      })
      for (const mountPoints of [[], ['/', '/data']]) {
        await expect(quiesce({ mountPoints })).rejects.toMatchObject({
          code: 'failed_precondition',
          reason: 'GUEST_FREEZE_FAILED',
        })
        expect(guest.agent.frozen).toBe(false)
      }
      expect(freezes()).toHaveLength(2)
    })

    test('is not frozen twice, nor where somebody else froze it', async () => {
      const { token } = await quiesce()
      await expect(quiesce()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'GUEST_ALREADY_FROZEN' })
      await thaw(token)
      guest.agent.setFrozen(true)
      await expect(quiesce()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'GUEST_ALREADY_FROZEN' })
      expect(guest.agent.frozen).toBe(true)
    })

    test('makes the snapshot of its disks a quiesced one, freezes nothing more, and stays frozen', async () => {
      const { token } = await quiesce()
      for (const policy of [null, prefer(), require()]) {
        const taken = await create({ quiesce: policy })
        expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced', notice: null })
        expect(taken.freeze?.fileSystems).toEqual(['/', '/data'])
        expect(guest.agent.frozen).toBe(true)
      }
      const thawed = await thaw(token)
      expect(freezes()).toHaveLength(1)
      const taken = await create({})
      expect(taken).toMatchObject({ consistency: 'crash', freeze: null })
      expect(thawed.frozenMs).toBeGreaterThan(0)
    })

    test('whose deadline passes while its disks are taken makes no quiesced snapshot', async () => {
      const { token } = await quiesce({ timeoutSeconds: 2 })
      let statuses = 0
      guest.agent.behave(async (command) => {
        // Before the disks were taken the guest says that it is frozen; then its time is up.
        if (command === 'guest-fsfreeze-status' && ++statuses === 2) await untilOverdue.promise
        return undefined
      })
      const untilOverdue = Promise.withResolvers<void>()
      setTimeout(untilOverdue.resolve, 2_000)
      const taken = await create({})
      expect(taken).toMatchObject({
        consistency: 'crash',
        freeze: null,
        notice: expect.stringContaining('crash-consistent'),
      })
      await untilThawed()
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
    })

    test('of which a part was frozen, or that thawed by itself, makes no quiesced snapshot, and none where it must be one', async () => {
      const files = () => filesOf(guest.node, guest.vmId)
      for (const breakIt of [() => quiesce({ mountPoints: ['/data'] }), () => quiesce()]) {
        const { token, fileSystems } = await breakIt()
        const isWhole = fileSystems.length > 1
        if (isWhole) guest.agent.setFrozen(false)
        const before = await files()
        await expect(create({ quiesce: require() })).rejects.toMatchObject({
          code: 'failed_precondition',
          reason: isWhole ? 'GUEST_THAWED_TOO_EARLY' : 'GUEST_FROZEN_IN_PART',
        })
        expect(await files()).toEqual(before)
        for (const policy of [null, prefer()]) {
          const taken = await create({ quiesce: policy })
          expect(taken).toMatchObject({ consistency: 'crash', freeze: null })
          expect(taken.notice).toContain('crash-consistent')
        }
        const thawed = await thaw(token).catch((error) => error)
        if (isWhole) expect(thawed).toMatchObject({ reason: 'GUEST_THAWED_TOO_EARLY' })
        else expect(thawed).toMatchObject({ mountPoints: ['/data'] })
      }
    })

    test('cannot be saved with its memory, nor paused: its deadline could not thaw it', async () => {
      const { token } = await quiesce()
      await expect(create({ includeMemory: true })).rejects.toMatchObject({ reason: 'GUEST_IS_FROZEN' })
      await expect(guest.node.hypervisor.pauseVm(guest.vmId)).rejects.toMatchObject({ reason: 'GUEST_IS_FROZEN' })
      const dom = await domainOf(guest.node, guest.vmId)
      expect((await guest.node.connection.call(remote.domainGetState, { dom, flags: 0 })).state).toBe(1)
      await thaw(token)
    })

    test('is thawed by a stop that asks the guest, and its token is nobody’s then', async () => {
      const { token } = await quiesce()
      await guest.node.hypervisor.requestReboot(guest.vmId).catch(() => {})
      expect(guest.agent.frozen).toBe(false)
      await expect(thaw(token)).rejects.toMatchObject({ reason: 'QUIESCE_TOKEN_UNKNOWN' })
      // The Linux below the fake agent hears of the power button.
      await vi.waitUntil(async () => (await guest.node.hypervisor.observeVm(guest.vmId))?.state === 'RUNNING')
    })
  },
)
