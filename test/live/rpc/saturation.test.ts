import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { qemuPid } from '#test/support/processes.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainCreateFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from './domain-xml.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`five calls that hang${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  const connections: LibvirtConnection[] = []

  beforeAll(async () => {
    host = await startLibvirtHost()
  })
  afterAll(async () => {
    for (const connection of connections) connection.close()
    await host?.stop()
  })

  async function connect(): Promise<LibvirtConnection> {
    const connection = await connectLibvirt(host.uri, { keepalive: { intervalMs: 100, count: 2 } })
    connections.push(connection)
    return connection
  }

  test('hold up their own connection, which is not given up for it, and no other one', async () => {
    const [slow, quick] = await Promise.all([connect(), connect()])
    const xmlDesc = domainXml('hangs')
    const { dom } = await slow.call(remote.domainCreateXml, { xmlDesc, flags: DomainCreateFlags.PAUSED })
    const pid = qemuPid(dom.uuid)
    process.kill(pid, 'SIGSTOP')
    const question = { dom, cmd: '{"execute":"query-status"}', flags: 0 }
    const hanging = Array.from({ length: 5 }, () => slow.call(qemu.domainMonitorCommand, question))

    const sixth = slow.call(remote.connectGetHostname, {}, { timeoutMs: 1_000 })
    await expect(sixth).rejects.toMatchObject({ reason: 'deadline' })
    expect(slow.state).toBe('connected')
    expect((await quick.call(remote.connectGetHostname, {})).hostname).not.toBe('')

    process.kill(pid, 'SIGCONT')
    const answers = await Promise.all(hanging)
    expect(answers.map(({ result }) => JSON.parse(result).return.running)).toEqual(new Array(5).fill(false))
    await slow.call(remote.domainDestroyFlags, { dom, flags: 0 })
  })
})
