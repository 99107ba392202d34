import type { nodes } from '#db/schema/node.ts'
import type { VmSpec } from '#db/vm-spec.ts'

/** A node that no worker serves: what is created on it stays queued. */
export const benchNodeId = '0195f1a0-0000-7000-8000-000000000001'

export const benchNode: typeof nodes.$inferInsert = {
  id: benchNodeId,
  name: 'bench',
  hypervisor: 'simulated',
  cpuCount: 64,
  memoryMib: 1_048_576,
  cpuModes: (['host-model', 'host-passthrough'] as const).map((mode) => ({
    ...{ mode, supported: true, virtType: 'kvm', message: null, features: [] },
  })),
}

/** What the load generator asks for, defaults filled in. */
export const exampleSpec = {
  cpuMode: 'host-model',
  cpu: { cores: 2, sockets: 1, threadsPerCore: 1, features: [] },
  memory: { sizeMib: 2048 },
  disks: [{ target: 'vda', sizeGib: 10 }],
  cdroms: [],
  nics: [],
} satisfies VmSpec
