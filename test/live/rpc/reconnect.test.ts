import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainEventType } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from './domain-xml.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a libvirtd that ends${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let host: LibvirtHost
  let libvirt: LibvirtConnection

  beforeAll(async () => {
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(host.uri)
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test.each(['SIGKILL', 'SIGTERM'] as const)('by %s is connected to again, and events flow again', async (signal) => {
    const defined: string[] = []
    const stop = await libvirt.onDomainEvent('lifecycle', ({ dom, event }) => {
      if (event === DomainEventType.DEFINED) defined.push(dom.name)
    })
    const before = await libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml(`before-${signal}`), flags: 0 })
    await vi.waitFor(() => expect(defined).toEqual([before.dom.name]))

    await host.kill(signal)
    await vi.waitFor(() => expect(libvirt.state).toBe('disconnected'))
    // Asked for while no daemon is there: waits for the next.
    const after = libvirt.call(remote.domainDefineXmlFlags, { xml: domainXml(`after-${signal}`), flags: 0 })
    await host.restart()
    expect((await after).dom.name).toBe(`after-${signal}`)
    expect(libvirt.state).toBe('connected')
    await vi.waitFor(() => expect(defined).toEqual([`before-${signal}`, `after-${signal}`]))
    stop()
  })

  test('is sent no call before its end is noticed: the call waits for the next one', async () => {
    process.kill(host.pid, 'SIGKILL')
    // Without a turn of the event loop, in which it would be noticed.
    while (isAlive(host.pid));
    const outcome = libvirt.call(remote.connectGetHostname, {}).catch((error: unknown) => error)
    expect(libvirt.state).toBe('connected')
    await host.restart()
    expect(await outcome).toHaveProperty('hostname')
  })

  test('fails the calls that it had, which may have been executed', async () => {
    process.kill(host.pid, 'SIGSTOP')
    const call = libvirt.call(remote.connectGetHostname, {})
    const outcome = call.catch((error: unknown) => error)
    // The next turn: the call has been written by then.
    await new Promise(setImmediate)
    await host.kill('SIGKILL')
    expect(await outcome).toMatchObject({ name: 'LibvirtConnectionError', reason: 'disconnected', maybeExecuted: true })
    await host.restart()
    expect(await libvirt.call(remote.connectGetLibVersion, {})).toBeDefined()
  })

  test('to answer fails a call at its deadline, and serves the next when it goes on', async () => {
    process.kill(host.pid, 'SIGSTOP')
    const call = libvirt.call(remote.connectGetHostname, {}, { timeoutMs: 100 })
    await expect(call).rejects.toMatchObject({ reason: 'deadline', maybeExecuted: true })
    process.kill(host.pid, 'SIGCONT')
    expect((await libvirt.call(remote.connectGetHostname, {})).hostname).not.toBe('')
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
