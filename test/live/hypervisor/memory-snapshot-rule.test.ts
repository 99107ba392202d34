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
import { readCapabilities } from '#worker/hypervisor/libvirt/xml/read-capabilities.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import { renderXml, type XmlObject } from '#worker/hypervisor/libvirt/xml/render.ts'

interface Cpu {
  mode: 'host-model' | 'host-passthrough' | 'maximum'
  migratable?: 'on' | 'off'
  invtsc?: string
  /** The host's own frequency, or one that it has not. */
  tsc?: 'host' | 'other'
}

/** What libvirt 9.0 with QEMU 7.2 did with each CPU, in the live definition's terms: docs/cpu-modes.md tells users. */
const rows: [outcome: 'saved' | 'blocked' | 'not started', cpu: Cpu][] = [
  ['saved', { mode: 'host-model' }],
  ['blocked', { mode: 'host-model', invtsc: 'require' }],
  ['blocked', { mode: 'host-model', invtsc: 'force' }],
  ['saved', { mode: 'host-model', invtsc: 'optional' }],
  ['saved', { mode: 'host-model', invtsc: 'disable' }],
  ['saved', { mode: 'host-model', invtsc: 'require', tsc: 'host' }],
  ['saved', { mode: 'host-passthrough' }],
  ['saved', { mode: 'host-passthrough', migratable: 'on' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'on', invtsc: 'require' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'on', invtsc: 'force' }],
  ['saved', { mode: 'host-passthrough', migratable: 'on', invtsc: 'optional' }],
  ['saved', { mode: 'host-passthrough', migratable: 'on', invtsc: 'require', tsc: 'host' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'off' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'off', invtsc: 'require' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'off', invtsc: 'force' }],
  ['blocked', { mode: 'host-passthrough', migratable: 'off', invtsc: 'optional' }],
  ['saved', { mode: 'host-passthrough', migratable: 'off', invtsc: 'disable' }],
  ['saved', { mode: 'host-passthrough', migratable: 'off', invtsc: 'forbid' }],
  ['saved', { mode: 'host-passthrough', migratable: 'off', tsc: 'host' }],
  ['saved', { mode: 'host-passthrough', migratable: 'off', invtsc: 'require', tsc: 'host' }],
  ['not started', { mode: 'host-passthrough', migratable: 'off', tsc: 'other' }],
  ['saved', { mode: 'maximum', migratable: 'on' }],
  ['blocked', { mode: 'maximum', migratable: 'off' }],
  ['saved', { mode: 'maximum', migratable: 'off', tsc: 'host' }],
]

/** No counter of a machine that runs KVM goes so slowly. */
const otherFrequencyHz = 100_000_000

const unavailable = libvirtAvailable()

describe.skipIf(unavailable !== null)(`the rule about memory snapshots (skipped: ${unavailable})`, () => {
  let host: LibvirtHost
  let connection: LibvirtConnection
  let tscFrequencyHz: number | null
  let tscScaling: boolean
  beforeAll(async () => {
    host = await startLibvirtHost()
    connection = await connectLibvirt(host.uri)
    const { capabilities } = await connection.call(remote.connectGetCapabilities, {})
    ;({ tscFrequencyHz, tscScaling } = readCapabilities(capabilities))
  })
  afterAll(async () => {
    await connection?.close()
    await host?.stop()
  })

  test.for(rows)('says what libvirt does: %s for %j', async ([outcome, cpu], { skip }) => {
    if (cpu.tsc && tscFrequencyHz === null) return skip('this host does not say what its TSC frequency is')
    if (cpu.tsc === 'other' && tscScaling) return skip("this host's CPU runs a guest with any TSC frequency")
    const started = await start(cpu)
    if (outcome === 'not started') return expect(started).toMatch(/Requested TSC frequency .* outside tolerance range/)
    if (typeof started === 'string') return skip(`this host does not start it: ${started}`)
    const facts = readDomain(await readLiveXml(connection, started)).cpu
    const paused = await saveMemory(started)
    await connection.call(remote.domainResume, { dom: started })
    const running = await saveMemory(started)
    await connection.call(remote.domainDestroyFlags, { dom: started, flags: 0 })
    const ruled = memorySnapshotBlocked(facts) ? 'blocked' : 'saved'
    expect({ paused, running, ruled }).toEqual({ paused: outcome, running: outcome, ruled: outcome })
  })

  async function start(cpu: Cpu) {
    const virtTypes = cpu.mode === 'host-passthrough' || cpu.invtsc || cpu.tsc ? ['kvm'] : ['kvm', 'qemu']
    let problem = ''
    for (const virtType of virtTypes) {
      for (const quirk of [false, true]) {
        try {
          const flags = DomainCreateFlags.PAUSED | DomainCreateFlags.AUTODESTROY
          return (await connection.call(remote.domainCreateXml, { xmlDesc: domainXml(cpu, virtType, quirk), flags }))
            .dom
        } catch (error) {
          if (!isLibvirtError(error)) throw error
          problem = error.message
        }
      }
    }
    return problem
  }

  function domainXml({ mode, migratable, invtsc, tsc }: Cpu, virtType: string, quirk: boolean): string {
    const feature: XmlObject[] = [
      ...(invtsc ? [{ '@policy': invtsc, '@name': 'invtsc' }] : []),
      ...(quirk ? [{ '@policy': 'disable', '@name': 'arch-capabilities' }] : []),
    ]
    const frequency = tsc === 'host' ? tscFrequencyHz : otherFrequencyHz
    return renderXml({
      domain: {
        '@type': virtType,
        name: 'rule',
        memory: { '@unit': 'MiB', '#': 64 },
        os: { type: { '@arch': 'x86_64', '@machine': 'q35', '#': 'hvm' } },
        features: { acpi: {}, apic: {} },
        cpu: { '@mode': mode, '@migratable': migratable, feature },
        clock: { '@offset': 'utc', timer: tsc && frequency ? [{ '@name': 'tsc', '@frequency': frequency }] : [] },
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
      return 'saved'
    } catch (error) {
      if (isLibvirtError(error, 55) && /non-migratable CPU device|invtsc/.test(error.message)) return 'blocked'
      throw error
    } finally {
      await rm(memoryPath, { force: true })
    }
  }
})
