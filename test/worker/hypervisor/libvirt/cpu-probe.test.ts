import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CpuModeSupport } from '#db/schema/node.ts'
import type { CpuMode } from '#db/vm-spec.ts'
import { type CpuProbe, probeCpuModes } from '#worker/hypervisor/libvirt/cpu-probe.ts'
import { cachedProbe, type ProbeKey } from '#worker/hypervisor/libvirt/cpu-probe-cache.ts'
import type { LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { ErrorCode } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { childrenOf, find, readXml } from '#worker/hypervisor/libvirt/xml/read.ts'

type VirtType = 'kvm' | 'qemu'

/** A machine as libvirt and QEMU would present it. */
interface Machine {
  /** What domain capabilities say, by virt type; a type left out does not exist. */
  modes: Partial<Record<VirtType, CpuMode[]>>
  /** QEMU's last words when a domain with these features starts; null when it runs. */
  start?(virtType: VirtType, mode: CpuMode, disabled: string[]): string | null
}

const fails = (code: number, message: string): never => {
  throw new LibvirtError('test', {
    code,
    domain: 10,
    message,
    level: 2,
    dom: null,
    str1: null,
    str2: null,
    str3: null,
    int1: 0,
    int2: 0,
    net: null,
  })
}

/** Answers the few calls that a probe makes, and keeps what runs. */
function libvirtOn(machine: Machine) {
  const running = new Set<string>()
  const started: string[] = []
  const answers: Record<string, (args: never) => unknown> = {
    connectGetDomainCapabilities({ virttype }: { virttype: VirtType }) {
      const modes = machine.modes[virttype] ?? fails(ErrorCode.INVALID_ARG, 'KVM is not supported by this machine')
      const listed = modes.map((mode) => `<mode name='${mode}' supported='yes'/>`).join('')
      return { capabilities: `<domainCapabilities><cpu>${listed}</cpu></domainCapabilities>` }
    },
    domainLookupByName: ({ name }: { name: string }) =>
      running.has(name) ? { dom: { name } } : fails(ErrorCode.NO_DOMAIN, 'Domain not found'),
    domainCreateXml({ xmlDesc }: { xmlDesc: string }) {
      const domain = readXml(xmlDesc)
      const name = find(domain, 'name')?.text ?? ''
      if (running.has(name)) fails(ErrorCode.OPERATION_FAILED, `domain '${name}' already exists with uuid`)
      const virtType = domain.attributes.get('type') as VirtType
      const cpu = find(domain, 'cpu')
      const disabled = childrenOf(cpu, 'feature')
        .filter(({ attributes }) => attributes.get('policy') === 'disable')
        .map(({ attributes }) => attributes.get('name') ?? '')
      const mode = cpu?.attributes.get('mode') as CpuMode
      started.push([virtType, mode, ...disabled].join(' '))
      const lastWords = machine.start?.(virtType, mode, disabled) ?? null
      if (lastWords !== null)
        fails(ErrorCode.INTERNAL_ERROR, `process exited while connecting to monitor: ${lastWords}`)
      running.add(name)
      return { dom: { name } }
    },
    domainDestroyFlags({ dom }: { dom: { name: string } }) {
      running.delete(dom.name)
      return {}
    },
  }
  const connection = {
    call: async ({ name }: { name: string }, args: never) => answers[name]?.(args) ?? expect.fail(`unexpected ${name}`),
  } as unknown as LibvirtConnection
  return { connection, running, started }
}

const bothModes: CpuMode[] = ['host-model', 'host-passthrough']
const msr = (_: VirtType, __: CpuMode, disabled: string[]) =>
  disabled.includes('arch-capabilities')
    ? null
    : 'qemu: error: failed to set MSR 0x10a to 0x0\nkvm_buf_set_msrs: Assertion failed.'

const probe = (connection: LibvirtConnection, parts: Partial<CpuProbe> = {}): Promise<CpuModeSupport[]> =>
  probeCpuModes({
    connection,
    nodeId: '5e0c8f10-6f43-4b0e-8d35-5f5b2d9c7a11',
    virtType: 'auto',
    cpuFeatures: [],
    kvmProblem: null,
    ...parts,
  })

describe('what a node can run', () => {
  test('is both modes under KVM where everything is well, and nothing of the probe is left', async () => {
    const { connection, running } = libvirtOn({ modes: { kvm: bothModes, qemu: ['host-model'] } })
    expect(await probe(connection)).toEqual(
      bothModes.map((mode) => ({ mode, supported: true, virtType: 'kvm', message: null, features: [] })),
    )
    expect(running).toEqual(new Set())
  })

  test('needs arch-capabilities disabled where KVM does not take MSR 0x10a, and says so', async () => {
    const { connection } = libvirtOn({ modes: { kvm: bothModes }, start: msr })
    for (const support of await probe(connection)) {
      expect(support).toMatchObject({
        supported: true,
        virtType: 'kvm',
        message: expect.stringContaining('arch-capabilities'),
        features: [{ name: 'arch-capabilities', policy: 'disable' }],
      })
    }
  })

  test('needs no workaround where the worker’s own overrides are one', async () => {
    const { connection, started } = libvirtOn({ modes: { kvm: bothModes }, start: msr })
    const support = await probe(connection, { cpuFeatures: [{ name: 'arch-capabilities', policy: 'disable' }] })
    expect(support.map(({ features }) => features)).toEqual([[], []])
    expect(started).toEqual(['kvm host-model arch-capabilities', 'kvm host-passthrough arch-capabilities'])
  })

  test('is host-model in emulation where there is no KVM, and host-passthrough not at all, with both reasons', async () => {
    const { connection } = libvirtOn({ modes: { qemu: ['host-model'] } })
    const [model, passthrough] = await probe(connection)
    expect(model).toMatchObject({ supported: true, virtType: 'qemu', message: expect.stringContaining('KVM') })
    expect(passthrough).toMatchObject({ supported: false, virtType: null })
    expect(passthrough?.message).toMatch(/KVM is not supported by this machine.*host-passthrough is not supported/)
  })

  test('does not wait for a KVM that QEMU may not open', async () => {
    const { connection, started } = libvirtOn({ modes: { kvm: bothModes, qemu: ['host-model'] } })
    const [model, passthrough] = await probe(connection, { kvmProblem: 'the door is shut' })
    expect(started).toEqual(['qemu host-model'])
    expect(model).toMatchObject({ virtType: 'qemu', message: expect.stringContaining('the door is shut') })
    expect(passthrough).toMatchObject({ supported: false, message: expect.stringContaining('the door is shut') })
  })

  test.for(['kvm', 'qemu'] as const)('is looked for under %s alone where the settings say so', async (virtType) => {
    const { connection, started } = libvirtOn({ modes: { kvm: bothModes, qemu: ['host-model'] } })
    await probe(connection, { virtType })
    expect(started.length).toBeGreaterThan(0)
    expect(started.every((line) => line.startsWith(virtType))).toBe(true)
  })

  test('ends a probe that a killed worker left', async () => {
    const { connection, running } = libvirtOn({ modes: { kvm: bothModes } })
    running.add('quantix-probe-5e0c8f10')
    expect((await probe(connection)).every(({ supported }) => supported)).toBe(true)
  })
})

describe('what was found', () => {
  const key: ProbeKey = {
    libvirtVersion: '9.0.0',
    qemuVersion: '7.2.0',
    bootId: 'one',
    virtType: 'auto',
    cpuFeatures: '[]',
    kvmProblem: null,
  }
  let directory: string
  let probes: number
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'probe-'))
    probes = 0
  })
  afterEach(() => rm(directory, { recursive: true }))

  const ask = (parts: Partial<ProbeKey> = {}) =>
    cachedProbe(directory, { ...key, ...parts }, async () => {
      probes++
      return []
    })

  test('is remembered over restarts of the worker', async () => {
    await ask()
    await ask()
    expect(probes).toBe(1)
  })

  test.for<Partial<ProbeKey>>([
    { libvirtVersion: '11.3.0' },
    { qemuVersion: '10.0.0' },
    { bootId: 'two' },
    { virtType: 'kvm' },
    { cpuFeatures: '[{}]' },
    { kvmProblem: 'the door is shut' },
  ])('is found out again when what it depends on has changed: %j', async (changed) => {
    await ask()
    await ask(changed)
    expect(probes).toBe(2)
  })
})
