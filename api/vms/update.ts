import { eq } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { invalidRequest } from '#api/http/validation.ts'
import { changedMeanwhile, ring } from '#api/operations/service.ts'
import type { Database } from '#db/client.ts'
import { maxLabels } from '#db/labels.ts'
import { recordValues } from '#db/operations/record.ts'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { isSameJson } from '#db/same-json.ts'
import { nodes } from '#db/schema/node.ts'
import type { DefinedAs, VmRow } from '#db/schema/vm.ts'
import type { Begun } from './actions.ts'
import { refuseTakenName } from './name-taken.ts'
import { nodeRefusal } from './node-refusal.ts'
import { patchSpec } from './patch-spec.ts'
import { actionRefusal } from './refusal.ts'
import { getVm } from './service.ts'
import type { VmPatch } from './update-schemas.ts'
import { updateStatement } from './update-statement.ts'

/** Somebody else may change the VM at the very moment; the change is made so often anew. */
const attempts = 5

/**
 * Changes a VM. Name, description and labels are ours alone, and can change at any time; a changed spec is stored at once,
 * with the operation that brings it to the node. Throws why not.
 */
export async function updateVm(deps: Deps, vmId: string, patch: VmPatch): Promise<Begun> {
  for (let attempt = 1; ; attempt++) {
    const { vm } = await getVm(deps.database, vmId)
    const wanted = await wantedChange(deps.database, vm, patch)
    const [found] = await updateStatement(deps.database)
      .execute({ vmId, ...recordValues(deps.newId(), 'vm.update', { vmId }), ...valuesOf(vm, wanted) })
      .catch((error: unknown) => refuseTakenName(deps.database, error, wanted.name))
    if (found?.changed) {
      if (found.operation) ring(deps, found.operation)
      const { changed, operation, current, counted } = found
      return { vm: changed, operation: operation ?? current, snapshots: counted.snapshots, begun: operation }
    }
    const refusal = wanted.changesSpec ? await actionRefusal(deps.database, vmId, 'update') : null
    if (refusal || attempt === attempts) throw refusal ?? changedMeanwhile()
  }
}

interface Wanted extends Pick<VmRow, 'name' | 'description' | 'labels'>, DefinedAs {
  changesSpec: boolean
}

async function wantedChange({ drizzle }: Database, vm: VmRow, patch: VmPatch): Promise<Wanted> {
  const { name = vm.name, description = vm.description } = patch
  const labels = patchLabels(vm.labels, patch.labels)
  const { spec, problems } = patch.spec ? patchSpec(vm.spec, patch.spec) : { spec: vm.spec, problems: [] }
  const all = [
    ...problems.map(({ path, message }) => ({ path: ['spec', ...path], message })),
    ...(Object.keys(labels).length > maxLabels ? [{ path: ['labels'], message: `must be at most ${maxLabels}` }] : []),
  ]
  if (all.length > 0) throw invalidRequest(all.map((one) => ({ code: 'custom', ...one })))
  const same = { name, description: description ?? '', labels }
  if (isSameJson(spec, vm.spec)) return { ...vm, ...same, changesSpec: false }
  const [node] = await drizzle.select().from(nodes).where(eq(nodes.id, vm.nodeId))
  const refusal = node && nodeRefusal(node, vm.spec, spec)
  if (refusal) throw refusal
  const tscFrequencyHz = spec.cpu.pinnedTsc ? (vm.tscFrequencyHz ?? node?.tscFrequencyHz ?? null) : null
  return { ...same, spec, tscFrequencyHz, changesSpec: true }
}

function patchLabels(labels: VmRow['labels'], patch: VmPatch['labels']): VmRow['labels'] {
  if (patch === null) return {}
  const merged = Object.entries({ ...labels, ...patch })
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null))
}

const valuesOf = (vm: VmRow, { name, description, labels, spec, tscFrequencyHz, changesSpec }: Wanted) => ({
  name,
  description,
  labels: JSON.stringify(labels),
  spec: JSON.stringify(spec),
  tscFrequencyHz,
  changesSpec,
  fromSpec: JSON.stringify(vm.spec),
  fromLabels: JSON.stringify(vm.labels),
  changedFrom: JSON.stringify({ spec: vm.spec, tscFrequencyHz: vm.tscFrequencyHz } satisfies DefinedAs),
  runningSpec: JSON.stringify(runningSpecOf(vm.spec)),
})
