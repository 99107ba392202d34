import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { eventually } from '#test/db/eventually.ts'
import { qemuPid } from '#test/support/processes.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { aDaemon, aVmRequest, call, stream } from '#test/worker/daemon/daemon.ts'
import { startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { knockOnVnc } from '../hypervisor/vnc.ts'

const unavailable = libvirtAvailable()
const skipped = unavailable ? `, skipped: ${unavailable}` : ''

const live = unavailable ? null : await startLive()

async function startLive() {
  const node = await startLibvirtNode({ virtType: 'qemu' })
  const daemon = await aDaemon(node.hypervisor, node.options.stateDirectory)
  afterAll(async () => {
    await daemon.close()
    await node.close()
  })
  return { node, ...daemon }
}

async function aRunningVm(name: string) {
  if (!live) throw new Error('libvirt is not there')
  const vm = aVmRequest(name)
  await call(live.client, 'CreateVM', vm)
  await call(live.client, 'StartVM', vm)
  return { ...live, vmId: vm.vmId, name }
}

test.skipIf(unavailable)(
  `what a VM uses is told with its second status, and keeps nobody waiting when its QEMU does not answer${skipped}`,
  async ({ onTestFinished }) => {
    const { client, vmId } = await aRunningVm('busy')
    const statusOf = () => call(client, 'GetVMStatus', { vmId })
    const first = await statusOf()
    expect(first).toMatchObject({
      state: 'POWER_STATE_RUNNING',
      cpuUsagePercent: 0,
      disks: [{ id: 'vda', sizeGib: 1 }],
    })
    expect(Number(first.startedAt?.seconds)).toBeGreaterThan(Date.now() / 1000 - 60)
    await eventually(async () => (await statusOf()).cpuUsagePercent > 0, 10_000)

    const other = await aRunningVm('beside')
    const pid = qemuPid(vmId)
    process.kill(pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(pid, 'SIGCONT'))
    const both = await Promise.all([vmId, other.vmId].map((id) => call(client, 'GetVMStatus', { vmId: id }, 5000)))
    expect(both.map(({ state }) => state)).toEqual(['POWER_STATE_RUNNING', 'POWER_STATE_RUNNING'])
  },
)

test.skipIf(unavailable)(`figures of a VM on libvirt are streamed${skipped}`, async () => {
  const { client, vmId } = await aRunningVm('measured')
  const metrics = stream(client, 'StreamMetrics', { intervalSeconds: 1 })
  const ours = () => metrics.messages.at(-1)?.vms?.find((vm) => vm.vmId === vmId)
  await eventually(() => (ours()?.cpuUsagePercent ?? 0) > 0, 10_000)
  expect(ours()).toMatchObject({ name: 'measured' })
  // The firmware looks for something to boot.
  await eventually(() => (ours()?.diskReadBytes ?? 0) > 0, 10_000)
  metrics.cancel()
})

test.skipIf(unavailable)(`what happens to a VM on libvirt is told once, whoever does it${skipped}`, async () => {
  const { node, client, vmId } = await aRunningVm('watched')
  const { messages, begun, cancel } = stream(client, 'StreamEvents', {})
  // A firmware that finds no system begins anew when it likes.
  const told = () =>
    messages
      .filter((event) => event.vmId === vmId && event.type !== 'EVENT_TYPE_VM_REBOOTED')
      .map(({ type }) => type.replace('EVENT_TYPE_', ''))
  const untilTold = (type: string) => eventually(() => told().at(-1) === type, 10_000)
  await begun
  await call(client, 'PauseVM', { vmId })
  await call(client, 'ResumeVM', { vmId })
  await call(client, 'CreateSnapshot', { vmId, name: 'one', diskOnly: true })
  await untilTold('SNAPSHOT_CREATED')
  process.kill(qemuPid(vmId), 'SIGKILL')
  await untilTold('VM_CRASHED')
  await node.hypervisor.startVm(vmId)
  await untilTold('VM_STARTED')
  await node.hypervisor.destroyVm(vmId)
  await untilTold('VM_STOPPED')
  expect(told()).toEqual(['VM_PAUSED', 'VM_RESUMED', 'SNAPSHOT_CREATED', 'VM_CRASHED', 'VM_STARTED', 'VM_STOPPED'])
  cancel()
})

test.skipIf(unavailable)(`the display that is told is the one that listens${skipped}`, async () => {
  const { client, vmId } = await aRunningVm('seen')
  const { consoleType, host, port } = await call(client, 'GetConsole', { vmId })
  expect([consoleType, host]).toEqual(['vnc', '127.0.0.1'])
  expect(await knockOnVnc(port, null)).toBe('opened')
})

test.skipIf(unavailable)(
  `the log is of this VM's QEMU, and what is no log of its own is not read${skipped}`,
  async () => {
    const { node, client, vmId, name } = await aRunningVm('logged')
    const { lines } = await call(client, 'GetVMLogs', { vmId, lines: 1000 })
    expect(lines[0]).toContain('starting up libvirt')
    expect(lines.join('\n')).toContain(`-uuid ${vmId}`)
    expect((await call(client, 'GetVMLogs', { vmId, lines: 2 })).lines).toEqual(lines.slice(-2))

    const never = aVmRequest('never-started')
    await call(client, 'CreateVM', never)
    expect(await call(client, 'GetVMLogs', never)).toEqual({ lines: [] })
    const logs = node.options.logDirectory ?? ''
    const secret = path.join(node.options.stateDirectory, 'secret')
    writeFileSync(secret, 'secret')
    symlinkSync(secret, path.join(logs, 'never-started.log'))
    expect(await call(client, 'GetVMLogs', never)).toEqual({ lines: [] })

    const asking = aDefinition({ spec: { disks: [] }, displayPassword: 'hunter2x' })
    await node.hypervisor.defineVm(asking)
    await node.hypervisor.startVm(asking.vmId)
    const asked = (await node.hypervisor.readLog(asking.vmId, 1000)).join('\n')
    expect(asked).toContain('password=on')
    expect(asked).not.toContain('hunter2x')

    const elsewhere = await node.reopen({ logDirectory: path.join(logs, '..') })
    await expect(elsewhere.readLog(vmId, 10)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'LOG_NOT_READABLE',
      message: expect.stringContaining('QUANTIX_QEMU_LOGS'),
    })
    const nowhere = await node.reopen({ logDirectory: path.join(logs, name) })
    await expect(nowhere.readLog(vmId, 10)).rejects.toMatchObject({ reason: 'LOG_NOT_READABLE' })
  },
)
