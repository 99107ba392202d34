import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildGuestIso } from '#infra/guest/build.ts'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import {
  DomainShutdownFlags,
  DomainSnapshotCreateFlags,
  DomainState,
} from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { type Domain, qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'

const run = promisify(execFile)
const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`test guest${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  let iso: string
  let host: LibvirtHost
  let libvirt: LibvirtConnection

  beforeAll(async () => {
    iso = await buildGuestIso({ cacheDirectory: path.join(import.meta.dirname, '../../../.cache/guest') })
    host = await startLibvirtHost()
    libvirt = await connectLibvirt(host.uri)
  })
  afterAll(async () => {
    libvirt?.close()
    await host?.stop()
  })

  test('an empty disk becomes a file system that freezes for a quiesced snapshot', async () => {
    const guest = await aGuest('freeze')
    await guest.start()
    await guest.says('disk made and mounted')

    await libvirt.call(remote.domainFsfreeze, { dom: guest.domain, mountpoints: [], flags: 0 })
    expect(await guest.asksAgent('guest-fsfreeze-status')).toBe('frozen')
    await libvirt.call(remote.domainFsthaw, { dom: guest.domain, mountpoints: [], flags: 0 })
    expect(await guest.asksAgent('guest-fsfreeze-status')).toBe('thawed')

    const overlay = path.join(host.directory, 'freeze-overlay.qcow2')
    const { DISK_ONLY, QUIESCE, NO_METADATA, ATOMIC } = DomainSnapshotCreateFlags
    await libvirt.call(remote.domainSnapshotCreateXml, {
      dom: guest.domain,
      xmlDesc: `<domainsnapshot><disks><disk name='vda'><source file='${overlay}'/></disk></disks></domainsnapshot>`,
      flags: DISK_ONLY | QUIESCE | NO_METADATA | ATOMIC,
    })
    expect(await guest.xml()).toContain(overlay)
    expect(await guest.asksAgent('guest-fsfreeze-status')).toBe('thawed')
  })

  test('the guest turns off by its power button and by its agent, and finds its disk again', async () => {
    const guest = await aGuest('shutdown')
    await guest.start()
    await guest.shutDown(DomainShutdownFlags.ACPI_POWER_BTN)
    await guest.start()
    await guest.says('disk mounted')
    await guest.shutDown(DomainShutdownFlags.GUEST_AGENT)
  })

  test('a disk that holds something else is not written over', async () => {
    const content = Buffer.alloc(4 * 1024 * 1024, 'not a file system')
    const guest = await aGuest('foreign', content)
    await guest.start()
    await guest.says('disk holds something else')
    await guest.shutDown(DomainShutdownFlags.ACPI_POWER_BTN)
    expect(content.equals(await readFile(guest.disk))).toBe(true)
  })

  /** A defined guest with a raw disk of 64 MiB of zeros, or of that content. */
  async function aGuest(name: string, content?: Buffer) {
    const disk = path.join(host.directory, `${name}.raw`)
    const serialLog = path.join(host.directory, `${name}.log`)
    if (content) await writeFile(disk, content)
    else await run('qemu-img', ['create', '-q', '-f', 'raw', disk, '64M'])
    const { dom: domain } = await libvirt.call(remote.domainDefineXmlFlags, {
      xml: definition({ name, disk, serialLog, iso }),
      flags: 0,
    })

    const says = (line: string) => eventually(async () => expect(await readFile(serialLog, 'utf8')).toContain(line))
    return {
      domain,
      disk,
      says,
      async start() {
        await libvirt.call(remote.domainCreateWithFlags, { dom: domain, flags: 0 })
        await says('QUANTIX GUEST READY')
      },
      async asksAgent(command: string): Promise<unknown> {
        return askAgent(domain, command)
      },
      async xml(): Promise<string> {
        return (await libvirt.call(remote.domainGetXmlDesc, { dom: domain, flags: 0 })).xml
      },
      async shutDown(flags: number) {
        await libvirt.call(remote.domainShutdownFlags, { dom: domain, flags })
        await eventually(async () => {
          const { state } = await libvirt.call(remote.domainGetState, { dom: domain, flags: 0 })
          expect(state).toBe(DomainState.SHUTOFF)
        })
      },
    }
  }

  async function askAgent(dom: Domain, command: string): Promise<unknown> {
    const cmd = JSON.stringify({ execute: command })
    const { result } = await libvirt.call(qemu.domainAgentCommand, { dom, cmd, timeout: 10, flags: 0 })
    return JSON.parse(result ?? 'null').return
  }
})

/** A guest takes 4 s on an idle machine. */
const eventually = (assertion: () => Promise<void>) => vi.waitFor(assertion, { timeout: 60_000, interval: 50 })

const definition = (guest: { name: string; disk: string; serialLog: string; iso: string }): string => `
  <domain type='qemu'>
    <name>${guest.name}</name>
    <memory unit='MiB'>128</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <features><acpi/></features>
    <devices>
      <disk type='file' device='disk'>
        <driver name='qemu' type='raw'/>
        <source file='${guest.disk}'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <disk type='file' device='cdrom'>
        <source file='${guest.iso}'/>
        <target dev='sda' bus='sata'/>
        <readonly/>
        <boot order='1'/>
      </disk>
      <serial type='file'><source path='${guest.serialLog}' append='off'/></serial>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    </devices>
  </domain>`
