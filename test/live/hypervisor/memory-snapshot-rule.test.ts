import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memorySnapshotBlocked } from '#db/rules/memory-snapshot.ts'
import { type LibvirtHost, libvirtAvailable, startLibvirtHost } from '#infra/libvirt-host.ts'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { DomainCreateFlags, DomainSnapshotCreateFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { isLibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { domainSnapshotXml } from '#worker/hypervisor/libvirt/xml/domain-snapshot.ts'
import { find, readXml } from '#worker/hypervisor/libvirt/xml/read.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import { renderXml, type XmlObject } from '#worker/hypervisor/libvirt/xml/render.ts'

interface Row {
  mode: 'host-model' | 'host-passthrough' | 'maximum'
  migratable?: 'on' | 'off'
  invtsc?: string
  pinTsc?: boolean
}

const rows: Row[] = [
  { mode: 'host-model' },
  { mode: 'host-model', invtsc: 'require' },
  { mode: 'host-model', invtsc: 'force' },
  { mode: 'host-model', invtsc: 'optional' },
  { mode: 'host-model', invtsc: 'disable' },
  { mode: 'host-model', invtsc: 'require', pinTsc: true },
  { mode: 'host-passthrough' },
  { mode: 'host-passthrough', migratable: 'on' },
  { mode: 'host-passthrough', migratable: 'on', invtsc: 'require' },
  { mode: 'host-passthrough', migratable: 'on', invtsc: 'force' },
  { mode: 'host-passthrough', migratable: 'on', invtsc: 'optional' },
  { mode: 'host-passthrough', migratable: 'off' },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'require' },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'force' },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'optional' },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'disable' },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'forbid' },
  { mode: 'host-passthrough', migratable: 'off', pinTsc: true },
  { mode: 'host-passthrough', migratable: 'off', invtsc: 'require', pinTsc: true },
  { mode: 'maximum', migratable: 'on' },
  { mode: 'maximum', migratable: 'off' },
]

const unavailable = libvirtAvailable()

describe.skipIf(unavailable !== null)(`the rule about memory snapshots (skipped: ${unavailable})`, () => {
  let host: LibvirtHost
  let connection: LibvirtConnection
  let tscFrequency: string | undefined
  beforeAll(async () => {
    host = await startLibvirtHost()
    connection = await connectLibvirt(host.uri)
    const { capabilities } = await connection.call(remote.connectGetCapabilities, {})
    tscFrequency = find(readXml(capabilities), 'host', 'cpu', 'counter')?.attributes.get('frequency')
  })
  afterAll(async () => {
    await connection?.close()
    await host?.stop()
  })

  test.for(rows)('says what libvirt does: %j', async (row, { skip }) => {
    if (row.pinTsc && !tscFrequency) skip('this host does not say what its TSC frequency is')
    const started = await start(row)
    if (typeof started === 'string') return skip(`this host does not start it: ${started}`)
    const facts = readDomain(await readLiveXml(connection, started)).cpu
    const answers = [await saveMemory(started)]
    await connection.call(remote.domainResume, { dom: started })
    answers.push(await saveMemory(started))
    await connection.call(remote.domainDestroyFlags, { dom: started, flags: 0 })
    const expected = memorySnapshotBlocked(facts) ? 'blocked' : 'ok'
    expect(answers).toEqual([expected, expected])
  })

  async function start(row: Row) {
    const virtTypes = row.mode === 'host-passthrough' || row.invtsc || row.pinTsc ? ['kvm'] : ['kvm', 'qemu']
    let problem = ''
    for (const virtType of virtTypes) {
      for (const quirk of [false, true]) {
        try {
          const flags = DomainCreateFlags.PAUSED | DomainCreateFlags.AUTODESTROY
          return (await connection.call(remote.domainCreateXml, { xmlDesc: domainXml(row, virtType, quirk), flags }))
            .dom
        } catch (error) {
          if (!isLibvirtError(error)) throw error
          problem = error.message
        }
      }
    }
    return problem
  }

  function domainXml({ mode, migratable, invtsc, pinTsc }: Row, virtType: string, quirk: boolean): string {
    const feature: XmlObject[] = [
      ...(invtsc ? [{ '@policy': invtsc, '@name': 'invtsc' }] : []),
      ...(quirk ? [{ '@policy': 'disable', '@name': 'arch-capabilities' }] : []),
    ]
    return renderXml({
      domain: {
        '@type': virtType,
        name: 'rule',
        memory: { '@unit': 'MiB', '#': 64 },
        os: { type: { '@arch': 'x86_64', '@machine': 'q35', '#': 'hvm' } },
        features: { acpi: {}, apic: {} },
        cpu: { '@mode': mode, '@migratable': migratable, feature },
        clock: { '@offset': 'utc', timer: pinTsc ? [{ '@name': 'tsc', '@frequency': tscFrequency }] : [] },
        devices: { memballoon: { '@model': 'none' } },
      },
    })
  }

  async function saveMemory(dom: { name: string; uuid: string; id: number }): Promise<string> {
    const memoryPath = path.join(host.directory, 'rule.mem')
    try {
      await connection.call(remote.domainSnapshotCreateXml, {
        dom,
        xmlDesc: domainSnapshotXml({ name: 'rule', memoryPath, disks: [] }),
        flags: DomainSnapshotCreateFlags.NO_METADATA | DomainSnapshotCreateFlags.ATOMIC,
      })
      return 'ok'
    } catch (error) {
      if (isLibvirtError(error, 55) && /non-migratable CPU device|invtsc/.test(error.message)) return 'blocked'
      throw error
    } finally {
      await rm(memoryPath, { force: true })
    }
  }
})
