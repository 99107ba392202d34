import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { describeAgents } from '#test/worker/hypervisor/agent-contract.ts'
import { describeQuiesce } from '#test/worker/hypervisor/quiesce-contract.ts'
import type { GuestExecution } from '#worker/hypervisor/agent-calls.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aRunningVm, aVm } from '../hypervisor/node-vms.ts'
import { describeFreezeScripts } from './freeze-scripts.ts'
import { describeFrozenWrites } from './frozen-writes.ts'
import { describeKilledCommand } from './killed-command.ts'
import { type LinuxGuest, startLinuxGuest } from './linux-guest.ts'

const unavailable = libvirtAvailable()
const uncancelled = new AbortController().signal

describe.skipIf(unavailable)(`the agent of a Linux guest${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let guest: LinuxGuest
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    guest = await startLinuxGuest(node)
  })
  afterAll(() => node?.close())

  const guests = async () => ({
    hypervisor: node.hypervisor,
    vmId: guest.vmId,
    stoppedVmId: await aVm(node),
    agentlessVmId: await aRunningVm(node),
  })
  describeAgents(guests)
  describeQuiesce(guests)
  describeFrozenWrites(() => ({ node, guest }))
  describeFreezeScripts(() => ({ node, guest }))
  describeKilledCommand(() => ({ node, guest }))

  const sh = (script: string, parts: Partial<GuestExecution> = {}, signal = uncancelled) =>
    node.hypervisor.executeInGuest(
      {
        ...{ vmId: guest.vmId, command: 'sh', args: ['-c', script], environment: {}, workingDirectory: null },
        ...{ stdin: null, timeoutSeconds: 60, outputLimitBytes: 65_536, waitForExit: true },
        ...parts,
      },
      signal,
    )
  const read = (path: string) =>
    node.hypervisor.readGuestFile({ vmId: guest.vmId, path, offset: 0, maxBytes: 2 ** 20 }, uncancelled)
  const write = (path: string, data: Uint8Array, mode: number | null = null) =>
    node.hypervisor.writeGuestFile({ vmId: guest.vmId, path, data, mode, createParents: false }, uncancelled)

  test('runs a program that writes 100 MB, keeps the beginning, and answers as before', async () => {
    const before = process.memoryUsage().rss
    const { exitCode, stdout, stdoutTruncated } = await sh('head -c 100000000 /dev/zero; exit 3')
    expect([exitCode, stdout.length, stdoutTruncated]).toEqual([3, 65_536, true])
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 2 ** 20)
    await node.hypervisor.pingAgent(guest.vmId, uncancelled)
  })

  test('keeps both outputs apart, up to a MiB of each', async () => {
    const script = 'head -c 2000000 /dev/zero; head -c 2000000 /dev/zero | tr "\\0" e >&2'
    const { stdout, stderr } = await sh(script, { outputLimitBytes: 2 ** 20 })
    expect(stdout).toEqual(Buffer.alloc(2 ** 20))
    expect(stderr).toEqual(Buffer.alloc(2 ** 20, 'e'))
  })

  test('ends a program whose time is up with all that it has started, also one that does not want to', async () => {
    const { timedOut, stdout } = await sh('echo so far; sleep 1234; true', { timeoutSeconds: 1 })
    expect([timedOut, Buffer.from(stdout).toString()]).toEqual([true, 'so far\n'])
    await sh('trap "" TERM; while :; do sleep 1235; done', { timeoutSeconds: 1 })
    expect(await guest.sh('ps | grep "[s]leep 123" || true')).toBe('')
  })

  test('ends a program whose caller leaves', async () => {
    const caller = new AbortController()
    const running = sh('sleep 1236; true', {}, caller.signal)
    const left = expect(running).rejects.toThrow('left')
    await expect.poll(() => guest.sh('ps | grep "[s]leep 1236" || true'), { timeout: 20_000 }).not.toBe('')
    caller.abort(new Error('left'))
    await left
    expect(await guest.sh('ps | grep "[s]leep 1236" || true')).toBe('')
  })

  test('goes on with a program while the guest is frozen', async () => {
    const running = sh('sleep 2; echo done')
    await guest.sh('true')
    await node.hypervisor.createSnapshot({
      ...{ vmId: guest.vmId, snapshotId: crypto.randomUUID(), includeMemory: false },
      quiesce: { policy: 'require', timeoutSeconds: 20 },
    })
    expect(Buffer.from((await running).stdout).toString()).toBe('done\n')
  })

  test('writes a file of 1 MiB with its permissions, and keeps those of one that is there', async () => {
    const data = Buffer.alloc(2 ** 20, 'quantix')
    await write('/tmp/large', data, 0o640)
    expect(Buffer.from((await read('/tmp/large')).data).equals(data)).toBe(true)
    await guest.sh('chown 7:8 /tmp/large && ln -s /tmp/large /tmp/link')
    await write('/tmp/link', Buffer.from('small'))
    expect(await guest.sh('stat -c "%a %u:%g %s" /tmp/large && readlink /tmp/link')).toBe('640 7:8 5\n/tmp/large')
    await write('/tmp/large', Buffer.from('small'), 0o600)
    expect(await guest.sh('stat -c "%a %u:%g" /tmp/large; ls -A /tmp | grep quantix || true')).toBe('600 7:8')
  })

  test('leaves no handle open and no half file behind', async () => {
    const caller = new AbortController()
    const request = {
      vmId: guest.vmId,
      path: '/tmp/half',
      data: Buffer.alloc(2 ** 20),
      mode: null,
      createParents: false,
    }
    const writing = node.hypervisor.writeGuestFile(request, caller.signal)
    const left = expect(writing).rejects.toThrow('left')
    await expect.poll(() => guest.sh('ls -A /tmp | grep .quantix- || true'), { timeout: 20_000 }).not.toBe('')
    caller.abort(new Error('left'))
    await left
    expect(await guest.sh('ls -A /tmp | grep -e half -e quantix || true')).toBe('')
    expect(await guest.sh('ls -l /proc/$(pidof qemu-ga)/fd | grep -c /tmp/ || true')).toBe('0')
  })

  test('runs a program without setsid too, loses what it writes, and says what it cannot do', async () => {
    await guest.sh('mv /bin/setsid /bin/not-setsid')
    try {
      expect(await sh('echo lost; exit 5')).toMatchObject({ exitCode: 5, stdoutTruncated: true, stderrTruncated: true })
      const missing = { code: 'not_found', reason: 'GUEST_PROGRAM_NOT_FOUND' }
      await expect(sh('', { command: '/no/such' })).rejects.toMatchObject(missing)
      const refused = { code: 'failed_precondition', reason: 'GUEST_AGENT_CANNOT' }
      await expect(sh('pwd', { workingDirectory: '/tmp' })).rejects.toMatchObject(refused)
    } finally {
      await guest.sh('mv /bin/not-setsid /bin/setsid')
    }
  })

  test('reads what has no size', async () => {
    const { data, totalBytes, isEnd } = await read('/proc/uptime')
    expect(Buffer.from(data).toString()).toMatch(/^\d+\.\d+ /)
    expect([totalBytes, isEnd]).toEqual([null, true])
  })

  test('sets a clock that was moved, and leaves one that is right', async () => {
    await guest.sh('date -s "2020-01-01 00:00:00"')
    const set = await node.hypervisor.syncTime({ vmId: guest.vmId, force: false }, uncancelled)
    expect(set.offsetBeforeSeconds).toBeLessThan(-86_400)
    expect(Math.abs(set.offsetAfterSeconds)).toBeLessThan(1)
    const { offsetBeforeSeconds, offsetAfterSeconds } = await node.hypervisor.syncTime(
      { vmId: guest.vmId, force: false },
      uncancelled,
    )
    expect(offsetAfterSeconds).toBe(offsetBeforeSeconds)
  })

  test('that hangs is told of in time, holds up nothing else, and is asked again when it answers', async () => {
    // Longer than a ping may wait for the agent: a read that has begun 15 s, and its close 5 s, which nobody hears of.
    await sh('sleep 0.2; kill -STOP $(pidof qemu-ga); sleep 26; kill -CONT $(pidof qemu-ga)', { waitForExit: false })
    const silent = { code: 'deadline_exceeded', reason: 'GUEST_AGENT_NOT_RESPONDING' }
    const ping = () => node.hypervisor.pingAgent(guest.vmId, uncancelled)
    let told = false
    const hangs = async () => {
      for (;;) await ping()
    }
    const refused = expect(hangs())
      .rejects.toMatchObject(silent)
      .finally(() => {
        told = true
      })
    await node.hypervisor.pauseVm(await aRunningVm(node))
    expect((await node.hypervisor.observeVm(guest.vmId))?.state).toBe('RUNNING')
    expect(told).toBe(false)
    await refused
    await expect
      .poll(
        () =>
          ping().then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true)
  })

  test('says at once that a guest stands still', async () => {
    await node.hypervisor.pauseVm(guest.vmId)
    await expect(sh('true')).rejects.toMatchObject({ code: 'failed_precondition', reason: 'VM_NOT_RUNNING' })
    await node.hypervisor.resumeVm(guest.vmId)
  })

  test('shuts its guest down', async () => {
    await node.hypervisor.shutdownByAgent({ vmId: guest.vmId, reboot: false }, uncancelled)
    const state = async () => (await node.hypervisor.observeVm(guest.vmId))?.state
    await expect.poll(state, { timeout: 30_000 }).toBe('STOPPED')
  })
})
