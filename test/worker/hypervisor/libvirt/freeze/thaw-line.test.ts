import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createThawLine, type FrozenRun } from '#worker/hypervisor/libvirt/freeze/thaw-line.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'

const hungForMs = 50
const libvirtdWorkers = 20

/** What libvirtd does: each question keeps one of its workers; guests named "hung…" do not answer. */
function aDaemon() {
  const seen = { open: 0, busy: 0, mostBusy: 0 }
  const connect = async () => {
    seen.open++
    let isOpen = true
    const close = () => {
      if (isOpen) seen.open--
      isOpen = false
    }
    const call = async (_: unknown, { uuid }: { uuid: string }) => ({ dom: { uuid, name: uuid, id: 1 } })
    return { call, close } as unknown as LibvirtConnection
  }
  const line = createThawLine(connect)
  const ask = (run: FrozenRun) =>
    line.ask(run, async () => {
      seen.mostBusy = Math.max(seen.mostBusy, ++seen.busy)
      if (run.vmId.startsWith('hung')) await sleep(hungForMs)
      seen.busy--
      if (run.vmId.startsWith('hung')) throw notResponding()
      return 'thawed'
    })
  return { ask, seen, line }
}

const run = (vmId: string): FrozenRun => ({ vmId, domainId: 1 })

const notResponding = () =>
  new LibvirtError('domainAgentCommand', {
    ...{ domain: 10, level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null },
    ...{ code: ErrorCode.AGENT_UNRESPONSIVE, message: 'Guest agent is not responding' },
  })

test('guests whose agents hang hold up no other one, leave libvirtd workers for all else, and no connection open', async () => {
  const { ask, seen } = aDaemon()
  const hung = Array.from({ length: 30 }, (_, index) => run(`hung-${index}`))
  const askAll = () => Promise.all(hung.map((one) => expect(ask(one)).rejects.toThrow('not responding')))
  await askAll()
  expect(seen.mostBusy).toBeLessThan(libvirtdWorkers - 5)
  seen.mostBusy = 0
  const again = askAll()
  expect(await Promise.race([ask(run('healthy')), again])).toBe('thawed')
  await again
  expect(seen.mostBusy).toBeLessThan(5)
  expect(seen.open).toBe(0)
})

test('a run of the VM that has ended is not asked', async () => {
  const { ask } = aDaemon()
  expect(await ask({ vmId: 'healthy', domainId: 2 })).toBe(null)
})

test('who waits is told when the worker stops', async () => {
  const { ask, line } = aDaemon()
  const asked = Promise.allSettled(Array.from({ length: 30 }, (_, index) => ask(run(`hung-${index}`))))
  line.close()
  expect((await asked).at(-1)).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
})
