import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { revertTo, take } from '../hypervisor/revert-calls.ts'
import { type LinuxGuest, startLinuxGuest } from './linux-guest.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a Linux guest${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let guest: LinuxGuest
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    guest = await startLinuxGuest(node)
  })
  afterAll(() => node?.close())

  const revert = async (snapshot: StoredSnapshot, start = false) => {
    const reverted = await node.hypervisor.revertToSnapshot(revertTo(guest.vmId, snapshot, { start }))
    await guest.isUp()
    return reverted
  }

  /** Counts in a shell's variable, shown in a file that is in memory too; resolves to its process. */
  const startCounter = (word: string) =>
    guest.sh(
      `(n=0; while :; do n=$((n+1)); echo ${word} $n >/run/counter.new; mv /run/counter.new /run/counter; usleep 20000; done) ` +
        '</dev/null >/dev/null 2>&1 & echo $!',
    )

  async function counter() {
    const [word, count] = (await guest.sh('cat /run/counter')).split(' ')
    return { word, count: Number(count) }
  }

  const counts = async (from: number) => vi.waitUntil(async () => (await counter()).count > from, { timeout: 30_000 })

  /** Not from the guest's cache. */
  const onDisk = (file: string) => guest.sh(`echo 3 >/proc/sys/vm/drop_caches; cat /disk/${file}`)

  const write = (file: string, text: string) => guest.sh(`echo ${text} >/disk/${file}; sync`)

  test('goes on from a memory snapshot, with the file and the running counter that it had, and the time of now', async () => {
    await write('kept', 'before')
    const pid = await startCounter('first')
    await vi.waitUntil(() => guest.sh('test -e /run/counter && echo there').catch(() => false), { timeout: 30_000 })
    await counts(10)
    const before = await counter()
    const snapshot = await take(node, guest.vmId, true)

    await write('new', 'after')
    await guest.sh('rm /disk/kept; sync')
    await counts(before.count + 50)
    const last = await counter()
    await guest.sh(`kill ${pid}; echo gone 0 >/run/counter`)

    for (let time = 0; time < 2; time++) {
      const { clock } = await revert(snapshot)
      const now = await counter()
      expect(now.word).toBe('first')
      expect(now.count).toBeGreaterThanOrEqual(before.count)
      expect(now.count).toBeLessThan(last.count)
      await counts(now.count)
      expect(await guest.sh(`kill -0 ${pid} && echo alive`)).toBe('alive')
      expect(await onDisk('kept')).toBe('before')
      expect(await guest.sh('ls /disk')).not.toContain('new')
      expect(clock).toMatchObject({ corrected: true })
      expect(Math.abs(Number(await guest.sh('date +%s')) - Date.now() / 1000)).toBeLessThan(5)
      // It writes again: the next revert must not find this.
      await write('new', 'again')
      await write('kept', 'changed')
    }
    await guest.sh(`kill ${pid}`)
  })

  test('goes back and forth between memory snapshots while others of them are deleted', async () => {
    const snapshots = new Map<string, StoredSnapshot>()
    const remember = async (word: string) => {
      await write('word', word)
      await guest.sh(`echo ${word} >/run/word`)
      snapshots.set(word, await take(node, guest.vmId, true))
    }
    const expectAll = async (word: string) => {
      const snapshot = snapshots.get(word)
      if (!snapshot) throw new Error(`there is no snapshot ${word}`)
      await revert(snapshot)
      expect([await onDisk('word'), await guest.sh('cat /run/word')]).toEqual([word, word])
    }
    const remove = async (word: string) => {
      snapshots.delete(word)
      const keep = [...snapshots.values()]
      const { moved } = await node.hypervisor.reclaimFiles({ vmId: guest.vmId, keep })
      const nameNow = (volume: string) => moved.find(({ from }) => from === volume)?.to ?? volume
      for (const [name, snapshot] of snapshots) {
        const disks = snapshot.disks.map((disk) => ({ ...disk, volume: nameNow(disk.volume) }))
        snapshots.set(name, { ...snapshot, disks })
      }
    }
    await remember('one')
    await remember('two')
    await expectAll('one')
    await remember('three')
    await expectAll('two')
    await remove('one')
    expect(await onDisk('word')).toBe('two')
    await expectAll('three')
    await expectAll('two')
    await remove('two')
    await expectAll('three')
  })

  test('boots from a disk-only snapshot with the files that it had, and without what was in memory', async () => {
    await write('disk-only', 'before')
    await guest.sh('echo memory >/run/memory')
    const snapshot = await take(node, guest.vmId)
    await write('disk-only', 'after')
    await revert(snapshot, true)
    expect(await onDisk('disk-only')).toBe('before')
    expect(await guest.sh('ls /run')).not.toContain('memory')
  })
})
