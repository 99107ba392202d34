import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainCreateFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainXml } from './rpc/domain-xml.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`libvirt hosts${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  test('know nothing of each other', async () => {
    const hosts = await Promise.all([startLibvirtHost(), startLibvirtHost()])
    const connections = await Promise.all(hosts.map(({ uri }) => connectLibvirt(uri)))
    const xmlDesc = domainXml('same-name')
    const ids = await Promise.all(
      connections.map((libvirt) => libvirt.call(remote.domainCreateXml, { xmlDesc, flags: DomainCreateFlags.PAUSED })),
    )
    expect(ids.map(({ dom }) => dom.id)).toEqual([1, 1])
    for (const connection of connections) connection.close()
    await Promise.all(hosts.map((host) => host.stop()))
  })

  test('that are stopped leave no process and no file', async () => {
    const host = await startLibvirtHost()
    const { pid, directory } = host
    await host.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(existsSync(directory)).toBe(false)
  })

  test('end with the process that started them, also when it is killed', async () => {
    const script = `
      import { startLibvirtHost } from '#infra/libvirt-host.ts'
      const { pid, directory } = await startLibvirtHost()
      console.log(JSON.stringify({ pid, directory }))
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script])
    const [line] = await once(child.stdout, 'data')
    const { pid, directory } = JSON.parse(line.toString())
    process.kill(pid, 0)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 5_000 })
    await vi.waitFor(() => expect(existsSync(directory)).toBe(false), { timeout: 5_000 })
  })
})
