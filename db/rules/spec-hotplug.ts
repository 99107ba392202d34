import type { RunningSpec } from './spec-changes.ts'

/** What a running VM can be given of its spec without a restart: undefined stays as it is. */
export interface Hotplug {
  cores?: number
  sizeMib?: number
}

/**
 * Cores up to the most that it was started with, and memory up to the most, more of it or less. Cores are not taken away:
 * those that a guest began with cannot be, and of the others it may not let go.
 */
export function hotplugOf(running: RunningSpec, wanted: RunningSpec): Hotplug {
  const { cores, maxCores = cores } = running.cpu
  const { sizeMib, maxSizeMib = 0 } = running.memory
  return {
    ...(wanted.cpu.cores > cores && wanted.cpu.cores <= maxCores && { cores: wanted.cpu.cores }),
    ...(wanted.memory.sizeMib !== sizeMib && wanted.memory.sizeMib <= maxSizeMib && { sizeMib: wanted.memory.sizeMib }),
  }
}

/** What runs, once it was given that. */
export const withHotplug = (running: RunningSpec, { cores, sizeMib }: Hotplug): RunningSpec => ({
  ...running,
  cpu: { ...running.cpu, ...(cores !== undefined && { cores }) },
  memory: { ...running.memory, ...(sizeMib !== undefined && { sizeMib }) },
})
