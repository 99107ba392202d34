import { expect, test } from 'vitest'
import { startVm } from '#worker/hypervisor/libvirt/power.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainPausedReason, DomainState, ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { LibvirtConnectionError, LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'

/** A libvirt whose domain starts only after it has failed with each of these messages. */
function libvirtThatFails(...messages: string[]) {
  let state: number = DomainState.SHUTOFF
  const answers: Record<string, () => unknown> = {
    domainLookupByUuid: () => ({ dom: { name: 'vm', uuid: '', id: -1 } }),
    domainGetState: () => ({ state, reason: 0 }),
    domainCreateWithFlags() {
      const message = messages.shift()
      if (message !== undefined) {
        const nothing = { level: 2, dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null }
        throw new LibvirtError('domainCreateWithFlags', {
          code: ErrorCode.INTERNAL_ERROR,
          domain: 10,
          message,
          ...nothing,
        })
      }
      state = DomainState.RUNNING
    },
  }
  // startVm calls these procedures and no other.
  const connection = { call: async ({ name }: { name: string }) => answers[name]?.() } as unknown as LibvirtConnection
  return { connection, isRunning: () => state === DomainState.RUNNING }
}

test.each([
  ['QEMU says so', 'Failed to start VNC server: Failed to bind socket: Address already in use'],
  ['QEMU was gone before it could', 'failed to connect to monitor socket: Connection refused'],
])('a VM whose VNC port was taken under its hands is started again, when %s', async (_, message) => {
  const { connection, isRunning } = libvirtThatFails(message, message)
  await startVm(connection, 'vm')
  expect(isRunning()).toBe(true)
})

test('a start that fails for another reason is not tried again', async () => {
  const { connection, isRunning } = libvirtThatFails('cannot access storage file')
  await expect(startVm(connection, 'vm')).rejects.toThrow('cannot access storage file')
  expect(isRunning()).toBe(false)
})

test('a VM whose start was cut off is not taken for one that is on', async () => {
  const { STARTING_UP } = DomainPausedReason
  const states = [
    { state: DomainState.SHUTOFF, reason: 0 },
    // A libvirtd that was killed says so for a moment, and ends what had not started completely.
    { state: DomainState.PAUSED, reason: STARTING_UP },
  ]
  const broken = new LibvirtConnectionError('unreachable', 'libvirt closed the connection', { maybeExecuted: true })
  const answers: Record<string, () => unknown> = {
    domainLookupByUuid: () => ({ dom: { name: 'vm', uuid: '', id: -1 } }),
    domainGetState: () => (states.length > 1 ? states.shift() : states[0]),
    domainCreateWithFlags() {
      throw broken
    },
  }
  const connection = { call: async ({ name }: { name: string }) => answers[name]?.() } as unknown as LibvirtConnection
  await expect(startVm(connection, 'vm')).rejects.toBe(broken)
})
