import { beforeAll, describe, expect, test } from 'vitest'
import type { GuestExecution } from '#worker/hypervisor/agent-calls.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'

/** A hypervisor with a VM whose guest has an agent, and VMs whose have none that answers. */
export interface GuestsUnderTest {
  hypervisor: Hypervisor
  vmId: string
  stoppedVmId: string
  agentlessVmId: string
}

const uncancelled = new AbortController().signal

/** What every hypervisor promises of the agents of its guests. */
export function describeAgents(open: () => Promise<GuestsUnderTest>): void {
  let guests: GuestsUnderTest
  beforeAll(async () => {
    guests = await open()
  })

  const execute = (command: string, parts: Partial<GuestExecution> = {}, signal = uncancelled) =>
    guests.hypervisor.executeInGuest(
      {
        ...{ vmId: guests.vmId, command, args: [], environment: {}, workingDirectory: null, stdin: null },
        ...{ timeoutSeconds: 60, outputLimitBytes: 1000, waitForExit: true },
        ...parts,
      },
      signal,
    )
  const stdoutOf = async (...request: Parameters<typeof execute>) =>
    Buffer.from((await execute(...request)).stdout).toString()
  const write = (path: string, data: string, parts: { mode?: number; createParents?: boolean } = {}) =>
    guests.hypervisor.writeGuestFile(
      { vmId: guests.vmId, path, data: Buffer.from(data), mode: null, createParents: false, ...parts },
      uncancelled,
    )
  const read = (path: string, offset = 0, maxBytes = 1000) =>
    guests.hypervisor.readGuestFile({ vmId: guests.vmId, path, offset, maxBytes }, uncancelled)

  test('an agent says its version', async () => {
    const { version, uptimeSeconds } = await guests.hypervisor.pingAgent(guests.vmId, uncancelled)
    expect(version).toMatch(/\w/)
    expect(uptimeSeconds).toBeGreaterThanOrEqual(0)
  })

  describe('a program in a guest', () => {
    test('gets its arguments as they are', async () => {
      expect(await stdoutOf('echo', { args: ['a b', '$(id)', ';', "'"] })).toBe("a b $(id) ; '\n")
    })

    test('gets what it reads, its environment and its directory', async () => {
      expect(await stdoutOf('cat', { stdin: Buffer.from('read me') })).toBe('read me')
      expect(await stdoutOf('env', { environment: { GREETING: 'good "day"' } })).toContain('GREETING=good "day"\n')
      expect(await stdoutOf('pwd', { workingDirectory: '/tmp' })).toBe('/tmp\n')
    })

    test('says how it ended', async () => {
      expect(await execute('true')).toMatchObject({ exitCode: 0, timedOut: false, stdoutTruncated: false })
      expect(await execute('false')).toMatchObject({ exitCode: 1, timedOut: false })
    })

    test('is ended when its time is up, and what it wrote beyond the limit is cut', async () => {
      const ended = await execute('yes', { timeoutSeconds: 1, outputLimitBytes: 4 })
      expect(ended).toMatchObject({ exitCode: null, timedOut: true, stdoutTruncated: true, stderrTruncated: false })
      expect(Buffer.from(ended.stdout).toString()).toBe('y\ny\n')
    })

    test('is left alone by who does not wait for it', async () => {
      expect(await execute('sleep', { args: ['1'], waitForExit: false })).toMatchObject({
        exitCode: null,
        timedOut: false,
      })
    })

    test('ends with its caller', async () => {
      const left = new Error('left')
      const signal = AbortSignal.abort(left)
      await expect(execute('sleep', { args: ['60'] }, signal)).rejects.toBe(left)
    })

    test('that is not there, or is to run where nothing is, is not found', async () => {
      await expect(execute('no-such-program')).rejects.toMatchObject({
        code: 'not_found',
        reason: 'GUEST_PROGRAM_NOT_FOUND',
      })
      await expect(execute('pwd', { workingDirectory: '/no/such' })).rejects.toMatchObject({
        code: 'not_found',
        reason: 'GUEST_DIRECTORY_NOT_FOUND',
      })
    })
  })

  describe('a file in a guest', () => {
    test('is read as it was written, in parts', async () => {
      expect(await write('/tmp/whole', 'abcdef')).toBe(6)
      expect(await read('/tmp/whole')).toEqual({ data: Buffer.from('abcdef'), totalBytes: 6, isEnd: true })
      expect(await read('/tmp/whole', 1, 3)).toEqual({ data: Buffer.from('bcd'), totalBytes: 6, isEnd: false })
      expect(await read('/tmp/whole', 4, 2)).toMatchObject({ data: Buffer.from('ef'), isEnd: true })
      expect(await read('/tmp/whole', 9)).toMatchObject({ data: Buffer.from(''), isEnd: true })
    })

    test('is written over whole', async () => {
      await write('/tmp/twice', 'long before')
      await write('/tmp/twice', 'short')
      expect(Buffer.from((await read('/tmp/twice')).data).toString()).toBe('short')
    })

    test('has its directories made where that is asked for', async () => {
      const missing = { code: 'not_found', reason: 'GUEST_FILE_NOT_FOUND' }
      await expect(write('/tmp/new/deep/file', 'x')).rejects.toMatchObject(missing)
      await write('/tmp/new/deep/file', 'x', { createParents: true })
      expect(Buffer.from((await read('/tmp/new/deep/file')).data).toString()).toBe('x')
    })

    test('that is not there, or is a directory, is not read', async () => {
      await expect(read('/no/such')).rejects.toMatchObject({ code: 'not_found', reason: 'GUEST_FILE_NOT_FOUND' })
      await expect(read('/tmp')).rejects.toMatchObject({ code: 'failed_precondition', reason: 'GUEST_FILE_FAILED' })
      await expect(write('/tmp', 'x')).rejects.toMatchObject({ code: 'failed_precondition' })
    })
  })

  test('a clock that is set is the node’s', async () => {
    const { offsetAfterSeconds, source } = await guests.hypervisor.syncTime(
      { vmId: guests.vmId, force: true },
      uncancelled,
    )
    expect(source).toBe('node')
    expect(Math.abs(offsetAfterSeconds)).toBeLessThan(1)
  })

  test('without a guest, or an agent in it, nothing is asked of one', async () => {
    const { hypervisor, stoppedVmId, agentlessVmId } = guests
    await expect(hypervisor.pingAgent(stoppedVmId, uncancelled)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'VM_NOT_RUNNING',
    })
    await expect(hypervisor.pingAgent(agentlessVmId, uncancelled)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'GUEST_AGENT_NOT_CONNECTED',
    })
    await expect(hypervisor.pingAgent(crypto.randomUUID(), uncancelled)).rejects.toMatchObject({ code: 'not_found' })
  })
}
