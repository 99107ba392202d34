import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { agentLine } from '#worker/hypervisor/libvirt/agent/line.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import type { Domain } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

const uncancelled = new AbortController().signal
const domain = (name: string): Domain => ({ name, uuid: name, id: 1 })
const hungForMs = 100

/** What libvirtd does: domains named "hung…" do not answer, those named "busy…" answer late, others at once. */
function aDaemon() {
  const running = new Map<string, number>()
  let calls = 0
  const seen = { mostOfOne: 0, mostOfAll: 0, answered: 0 }
  const call = async (_: unknown, { dom: { uuid } }: { dom: Domain }) => {
    running.set(uuid, (running.get(uuid) ?? 0) + 1)
    seen.mostOfOne = Math.max(seen.mostOfOne, running.get(uuid) ?? 0)
    seen.mostOfAll = Math.max(seen.mostOfAll, ++calls)
    if (!uuid.startsWith('quick')) await sleep(hungForMs)
    running.set(uuid, (running.get(uuid) ?? 0) - 1)
    calls--
    seen.answered++
    if (uuid.startsWith('hung')) throw notResponding()
    return { result: '{"return":"yes"}' }
  }
  const connection = { call } as unknown as LibvirtConnection
  return { line: agentLine([connection, connection], connection), seen }
}

const nothing = {
  ...{ domain: 10, level: 2, dom: null, str1: null, str2: null, str3: null },
  int1: 0,
  int2: 0,
  net: null,
}
const notResponding = () =>
  new LibvirtError('domainAgentCommand', {
    ...nothing,
    code: ErrorCode.AGENT_UNRESPONSIVE,
    message: 'Guest agent is not responding: Guest agent not available for now',
  })

const ping = { execute: 'guest-ping' }

test('agents that hang hold up each other, and no other VM', async () => {
  const { line, seen } = aDaemon()
  const hung = Array.from({ length: 12 }, (_, index) => domain(`hung-${index}`))
  const askAll = () =>
    hung.map((dom) =>
      expect(line.ask(dom, ping, uncancelled)).rejects.toMatchObject({
        code: 'deadline_exceeded',
        reason: 'GUEST_AGENT_NOT_RESPONDING',
      }),
    )
  await Promise.all(askAll())
  const again = askAll()
  expect(await line.ask(domain('quick'), ping, uncancelled)).toBe('yes')
  expect(seen.answered).toBe(hung.length + 1)
  await Promise.all(again)
})

test('who waits for an agent that does not answer is told so with the one before', async () => {
  const { line, seen } = aDaemon()
  const silent = { code: 'deadline_exceeded', reason: 'GUEST_AGENT_NOT_RESPONDING' }
  const ask = () => expect(line.ask(domain('hung'), ping, uncancelled)).rejects.toMatchObject(silent)
  await Promise.all([ask(), ask(), ask()])
  expect(seen.answered).toBe(1)
  await ask()
  expect(seen.answered).toBe(2)
})

test('one call of a VM goes on at a time, and few of all', async () => {
  const { line, seen } = aDaemon()
  const vms = Array.from({ length: 12 }, (_, index) => domain(`busy-${index}`))
  await Promise.all([...vms, ...vms].map((dom) => line.ask(dom, ping, uncancelled)))
  expect(seen).toMatchObject({ mostOfOne: 1, mostOfAll: 8 })
})

test('who leaves is let go at once, and the next waits until the agent is free', async () => {
  const { line, seen } = aDaemon()
  const caller = new AbortController()
  const dom = domain('busy')
  const left = expect(line.ask(dom, ping, caller.signal)).rejects.toThrow('left')
  const waiting = expect(line.ask(dom, ping, caller.signal)).rejects.toThrow('left')
  caller.abort(new Error('left'))
  await Promise.all([left, waiting])
  expect(seen.answered).toBe(0)
  expect(await line.ask(dom, ping, uncancelled)).toBe('yes')
  expect(seen.mostOfOne).toBe(1)
})

test.each([
  ['Guest agent is not responding: QEMU guest agent is not connected', 86, 'GUEST_AGENT_NOT_CONNECTED'],
  ['Guest agent is not responding: QEMU guest agent is not available due to an error', 86, 'GUEST_AGENT_NOT_CONNECTED'],
  ['argument unsupported: QEMU guest agent is not configured', 74, 'GUEST_AGENT_NOT_CONNECTED'],
  [
    "internal error: unable to execute QEMU agent command 'guest-exec': The command guest-exec has been disabled",
    1,
    'GUEST_AGENT_CANNOT',
  ],
  [
    "internal error: unable to execute QEMU agent command 'guest-exec': Command guest-exec has been disabled: the agent is in frozen state",
    1,
    'GUEST_IS_FROZEN',
  ],
  [
    "internal error: unable to execute QEMU agent command 'guest-file-close': handle '7' has not been found",
    1,
    'GUEST_AGENT_REFUSED',
  ],
  ['Unable to encode message payload', 39, 'GUEST_ANSWER_TOO_LONG'],
  ['timed out: cannot acquire state change lock', 68, 'GUEST_AGENT_NOT_RESPONDING'],
])('what libvirt says, "%s", is told by its reason', async (message, code, reason) => {
  const failing = async () => {
    throw new LibvirtError('domainAgentCommand', { ...nothing, code, message })
  }
  const connection = { call: failing } as unknown as LibvirtConnection
  await expect(
    agentLine([connection, connection], connection).ask(domain('vm'), ping, uncancelled),
  ).rejects.toMatchObject({ reason })
})
