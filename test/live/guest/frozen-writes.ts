import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { frozenByKilledWorker } from '../hypervisor/token-freeze-killed.ts'
import type { LinuxGuest } from './linux-guest.ts'

const uncancelled = new AbortController().signal
const toleratedMs = 2_000
/** Between two writes of the guest, where nothing is in their way; the guest is emulated. */
const writeMs = 1_000

/** What a Linux guest notices of a freeze with a token, from what it writes meanwhile. */
export function describeFrozenWrites(open: () => { node: LibvirtNode; guest: LinuxGuest }): void {
  describe('writes to a file system', () => {
    let node: LibvirtNode
    let guest: LinuxGuest
    beforeAll(async () => {
      ;({ node, guest } = open())
      // Its root, and so the record, is in memory, which nobody freezes.
      await guest.sh(
        `(while [ -e /tmp/writes ]; do echo x > /disk/beat; cut -d' ' -f1 /proc/uptime >> /tmp/writes; sleep 0.05; done) >/dev/null 2>&1 & : > /tmp/writes`,
      )
    })
    afterAll(() => guest?.sh('rm /tmp/writes'))

    const quiesce = (timeoutSeconds: number) =>
      node.hypervisor.quiesceFilesystems(
        { vmId: guest.vmId, mountPoints: ['/disk'], timeoutSeconds, runPreFreezeScripts: false },
        uncancelled,
      )
    /** When it wrote, ms of the guest's uptime. */
    async function writes(): Promise<number[]> {
      const seconds = await guest.sh('cat /tmp/writes')
      return seconds.split('\n').map((one) => Number(one) * 1000)
    }
    /** The longest that a write took of those after the first `count`, ms. */
    async function longestSince(count: number): Promise<number> {
      const times = (await writes()).slice(count - 1)
      return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)))
    }
    async function untilWriting(): Promise<number> {
      // Nothing is read from it while it is frozen.
      const { length: before } = await vi.waitFor(writes, { timeout: 20_000, interval: 200 })
      return vi.waitFor(
        async () => {
          const { length } = await writes()
          expect(length).toBeGreaterThan(before + 1)
          return length
        },
        { timeout: 20_000, interval: 200 },
      )
    }

    test('wait while it is frozen, and go on after the thaw', async () => {
      const before = await untilWriting()
      const { token } = await quiesce(60)
      await sleep(2 * writeMs)
      const request = { vmId: guest.vmId, token, runPostThawScripts: false }
      const { frozenMs } = await node.hypervisor.thawFilesystems(request, uncancelled)
      await untilWriting()
      expect(await longestSince(before)).toBeGreaterThan(2 * writeMs - 200)
      expect(await longestSince(before)).toBeLessThan(frozenMs + writeMs)
    })

    test('wait no longer than the deadline when the worker was killed, where the next one is there in time', async () => {
      const before = await untilWriting()
      await frozenByKilledWorker(node, guest.vmId, 3)
      await node.reopen()
      await untilWriting()
      expect(await longestSince(before)).toBeGreaterThan(1_000)
      expect(await longestSince(before)).toBeLessThan(3_000 + toleratedMs)
    })

    test('go on as soon as there is a worker again where that is after the deadline', async () => {
      const before = await untilWriting()
      await frozenByKilledWorker(node, guest.vmId, 1)
      await sleep(1_500)
      const restarting = performance.now()
      await node.reopen()
      expect(performance.now() - restarting).toBeLessThan(toleratedMs + 3_000)
      await untilWriting()
      expect(await longestSince(before)).toBeGreaterThan(1_500)
    })
  })
}
