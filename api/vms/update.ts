import type { Deps } from '#api/deps.ts'
import { mergePatch } from '#api/http/merge-patch.ts'
import { invalidRequest } from '#api/http/validation.ts'
import { getNode } from '#api/nodes/service.ts'
import type { Database } from '#db/client.ts'
import { maxLabels } from '#db/labels.ts'
import { ring, untilBegun } from '#db/operations/begin.ts'
import { type Begun, requireAllowed } from '#db/operations/begin-action.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import { recordValues } from '#db/operations/record.ts'
import { nodeRefusal } from '#db/rules/node-refusal.ts'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { isSameJson } from '#db/same-json.ts'
import type { DefinedAs, VmRow } from '#db/schema/vm.ts'
import type { NamedSecret } from '#db/secrets/sealed-secrets.ts'
import { getVm } from '#db/vms.ts'
import { refuseTakenName } from './name-taken.ts'
import { patchSpec } from './patch-spec.ts'
import type { VmPatch } from './update-schemas.ts'
import { updateStatement } from './update-statement.ts'

/**
 * Changes a VM. Name, description and labels are ours alone, and can change at any time; a changed spec is stored at once,
 * with the operation that brings it to the node. Throws why not.
 */
export const updateVm = (deps: Deps, vmId: string, patch: VmPatch): Promise<Begun> =>
  storeChange(deps, vmId, (vm) => wantedChange(deps.database, vm, patch))

/** Stores what is wanted of a VM as it is; `want` may be asked again, of a VM that has changed. Throws why not. */
export const storeChange = (deps: Deps, vmId: string, want: (vm: VmRow) => Wanted | Promise<Wanted>): Promise<Begun> =>
  untilBegun(async () => {
    const { vm } = await getVm(deps.database, vmId)
    const wanted = await want(vm)
    const input = { vmId, ...(wanted.displayPassword && { displayPassword: wanted.displayPassword }) }
    const [found] = await updateStatement(deps.database)
      .execute({ vmId, ...recordValues(deps.newId(), 'vm.update', input), ...valuesOf(vm, wanted) })
      .catch((error: unknown) => refuseTakenName(deps.database, error, wanted.name))
    if (found?.changed) {
      if (found.operation) ring(deps, found.operation)
      const { changed, operation, current, counted } = found
      return { vm: changed, operation: operation ?? current, snapshots: counted.snapshots, begun: operation }
    }
    if (wanted.changesSpec) await requireAllowed(deps.database, vmId, 'update')
    return null
  })

export interface Wanted extends Pick<VmRow, 'name' | 'description' | 'labels'>, DefinedAs {
  changesSpec: boolean
  displayPassword?: OperationInput<'vm.update'>['displayPassword']
  secrets?: NamedSecret[] | null
}

async function wantedChange(database: Database, vm: VmRow, patch: VmPatch): Promise<Wanted> {
  const { name = vm.name, description = vm.description } = patch
  const { labels = {} } = mergePatch({ labels: vm.labels }, { labels: patch.labels }) as Partial<Pick<VmRow, 'labels'>>
  const { spec, problems } = patch.spec ? patchSpec(vm.spec, patch.spec) : { spec: vm.spec, problems: [] }
  const all = [
    ...problems.map(({ path, message }) => ({ path: ['spec', ...path], message })),
    ...(Object.keys(labels).length > maxLabels ? [{ path: ['labels'], message: `must be at most ${maxLabels}` }] : []),
  ]
  if (all.length > 0) throw invalidRequest(all.map((one) => ({ code: 'custom', ...one })))
  const same = { name, description: description ?? '', labels }
  if (isSameJson(spec, vm.spec)) return { ...vm, ...same, changesSpec: false }
  const node = await getNode(database, vm.nodeId)
  const refusal = nodeRefusal(node, vm.spec, spec)
  if (refusal) throw refusal
  const tscFrequencyHz = spec.cpu.pinnedTsc ? (vm.tscFrequencyHz ?? node.tscFrequencyHz) : null
  return { ...same, spec, tscFrequencyHz, changesSpec: true }
}

const valuesOf = (vm: VmRow, { name, description, labels, spec, tscFrequencyHz, changesSpec, secrets }: Wanted) => ({
  name,
  description,
  labels: JSON.stringify(labels),
  spec: JSON.stringify(spec),
  tscFrequencyHz,
  changesSpec,
  secrets: JSON.stringify(secrets ?? []),
  fromSpec: JSON.stringify(vm.spec),
  fromLabels: JSON.stringify(vm.labels),
  changedFrom: JSON.stringify({ spec: vm.spec, tscFrequencyHz: vm.tscFrequencyHz } satisfies DefinedAs),
  runningSpec: JSON.stringify(runningSpecOf(vm.spec)),
})
