import { mergePatch } from '#api/http/merge-patch.ts'
import { completeSpec, type VmSpecRequest } from '#db/complete-spec.ts'
import { fixedFields, whyFixed } from '#db/rules/spec-changes.ts'
import { type Contradiction, newContradictionsIn } from '#db/rules/spec-contradictions.ts'
import { isSameJson } from '#db/same-json.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { VmSpecPatch } from './spec-patch-schema.ts'

interface Patched {
  spec: VmSpec
  /** Empty where the spec can be stored. */
  problems: Contradiction[]
}

/** A stored spec with a merge patch (RFC 7396) on it. What it had wrong before, as one that others made may, is no problem. */
export function patchSpec(stored: VmSpec, patch: VmSpecPatch): Patched {
  const fixed = fixedIn(stored, patch)
  const rest = { ...patch, ...Object.fromEntries(fixedFields.map((field) => [field, undefined])) }
  const input = mergePatch(stored, withoutStale(stored, rest)) as VmSpecRequest
  const changed = completeSpec(input, noNewMac)
  const spec = { ...changed, display: { ...changed.display, passwordSet: stored.display.passwordSet } }
  return { spec, problems: [...fixed, ...newContradictionsIn(stored, spec)] }
}

const fixedIn = (stored: VmSpec, patch: VmSpecPatch): Contradiction[] => [
  ...fixedFields
    .filter((field) => patch[field] !== undefined && !isSameJson(patch[field], stored[field]))
    .map((field) => ({ path: [field], message: whyFixed(field) ?? '' })),
  ...((patch.display?.passwordSet ?? stored.display.passwordSet) === stored.display.passwordSet
    ? []
    : [
        {
          path: ['display', 'passwordSet'],
          message: 'says whether there is a password: set or remove it with /api/v1/vms/{id}/display-password',
        },
      ]),
]

/** Another card has another memory: what was said, or taken, for the one before does not go with it. */
const withoutStale = (stored: VmSpec, patch: VmSpecPatch): VmSpecPatch => {
  const { video } = patch
  const isOther = video?.model != null && video.model !== stored.video.model
  return isOther && video.memoryKib === undefined ? { ...patch, video: { ...video, memoryKib: null } } : patch
}

const noNewMac = (): string => {
  throw new Error('a stored network card has its address')
}
