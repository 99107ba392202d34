import type { NodeFacts } from '#db/nodes.ts'

/** What a worker says of its node: a small simulated one, but for what the test cares about. */
export const someNodeFacts = (facts: Partial<NodeFacts> = {}): NodeFacts => ({
  name: 'n',
  daemonAddress: null,
  hypervisor: 'simulated',
  libvirtVersion: null,
  qemuVersion: null,
  cpuCount: 2,
  memoryMib: 4096,
  cpuModes: [],
  tscFrequencyHz: null,
  tscScaling: false,
  storageFreeBytes: null,
  ...facts,
})
