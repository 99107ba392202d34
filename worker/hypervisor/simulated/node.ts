import { availableParallelism, hostname, totalmem } from 'node:os'
import type { CpuModeSupport } from '#db/schema/node.ts'
import { cpuModes } from '#db/vm-spec.ts'
import type { NodeDescription } from '#worker/hypervisor/port.ts'
import type { Unsupported } from './define.ts'

interface NodeFacts {
  tscFrequencyHz?: number
  storageFreeBytes?: number
}

export const describeNode = ({ tscFrequencyHz, storageFreeBytes }: NodeFacts): NodeDescription => ({
  hostUuid: '00000000-0000-4000-8000-000000000000',
  hostname: hostname(),
  libvirtVersion: null,
  qemuVersion: null,
  cpuCount: availableParallelism(),
  memoryMib: Math.floor(totalmem() / 2 ** 20),
  tscFrequencyHz: tscFrequencyHz ?? 2_500_000_000,
  tscScaling: false,
  storageFreeBytes: storageFreeBytes ?? 100 * 2 ** 30,
})

export const describeCpuModes = (unsupported: Unsupported = {}): CpuModeSupport[] =>
  cpuModes.map((mode) => {
    const message = unsupported[mode] ?? null
    const supported = message === null
    return { mode, supported, virtType: supported ? 'qemu' : null, message, features: [] }
  })
