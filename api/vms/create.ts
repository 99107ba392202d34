import { desc } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { changedMeanwhile } from '#db/operations/begin.ts'
import type { Begun } from '#db/operations/begin-action.ts'
import { beginCreate } from '#db/operations/begin-create.ts'
import { nodes } from '#db/schema/node.ts'
import { cpuModeTitles, maxMemoryMibOf } from '#db/vm-spec.ts'
import { nameTaken } from '#db/vms.ts'
import type { VmCreateInput } from './schemas.ts'

/**
 * Makes a VM, on the node that is best for it.
 * Throws `already_exists` for a name that is taken, `failed_precondition` when no node can run it and `unavailable`
 * when there is no node.
 */
export async function createVm(deps: Deps, wanted: VmCreateInput): Promise<Begun> {
  const begun = await beginCreate(deps, { ...wanted, id: deps.newId(), nodeId: null })
  if (!begun) throw await refusal(deps.database, wanted)
  return begun
}

/** Why the statement made nothing. */
async function refusal(database: Database, { name, spec }: VmCreateInput): Promise<AppError> {
  const { drizzle } = database
  const { cpuMode, cpu, memory } = spec
  const taken = await nameTaken(database, name)
  if (taken) return taken
  const known = await drizzle.select().from(nodes).orderBy(desc(nodes.lastSeenAt))
  const newest = known[0]
  if (!newest) return new AppError('unavailable', 'No node has registered yet; start a worker.', { reason: 'NO_NODE' })

  const able = known.filter((node) => node.cpuModes.some(({ mode, supported }) => mode === cpuMode && supported))
  if (able.length === 0) {
    const why = newest.cpuModes.find(({ mode }) => mode === cpuMode)?.message ?? 'the node does not say why'
    return new AppError(
      'failed_precondition',
      `No node can run VMs with CPU mode ${cpuMode} (${cpuModeTitles[cpuMode]}). Node ${newest.name}: ${why}`,
      { reason: 'CPU_MODE_NOT_SUPPORTED', details: { cpuMode, nodeId: newest.id, nodeMessage: why } },
    )
  }
  const pinning = cpu.pinnedTsc ? able.filter(({ tscFrequencyHz }) => tscFrequencyHz !== null) : able
  if (pinning.length === 0) {
    return new AppError(
      'failed_precondition',
      `No node that can run the VM says what the frequency of its time stamp counter is, so it cannot be pinned. Leave out spec.cpu.pinnedTsc.`,
      { reason: 'TSC_FREQUENCY_UNKNOWN', details: { nodeIds: able.map(({ id }) => id) } },
    )
  }
  const largest = pinning.reduce((a, b) => (b.memoryMib > a.memoryMib ? b : a))
  const requestedMib = maxMemoryMibOf(memory)
  if (largest.memoryMib < requestedMib) {
    return new AppError(
      'failed_precondition',
      `No node has ${requestedMib} MiB of memory. The largest that can run the VM, ${largest.name}, has ${largest.memoryMib} MiB.`,
      {
        reason: 'NODE_MEMORY_TOO_SMALL',
        details: { requestedMib, nodeId: largest.id, nodeMemoryMib: largest.memoryMib },
      },
    )
  }
  return changedMeanwhile()
}
