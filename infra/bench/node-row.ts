import { completeSpec } from '#db/complete-spec.ts'
import { newMac } from '#db/new-mac.ts'
import type { nodes } from '#db/schema/node.ts'

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
export const exampleSpec = completeSpec({ cpu: { cores: 2 }, memory: { sizeMib: 2048 } }, newMac)
