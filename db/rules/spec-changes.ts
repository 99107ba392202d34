import { isJsonObject, isSameJson } from '#db/same-json.ts'
import type { VmSpec } from '#db/vm-spec.ts'

/** What becomes of a change of a field: QEMU has it from its next start on; nothing of the machine changes; or it is refused. */
type FieldChange = 'nextStart' | 'noMachine' | { refused: string }

const byDeviceRoute = (device: string, path: string): FieldChange => ({
  refused: `cannot be changed here: ${device} are attached, changed and detached one by one, with /api/v1/vms/{id}/${path}`,
})

/** Of each field of a spec, what a change of it does to a VM that exists. */
export const specChanges = {
  guestOs: 'noMachine',
  cpuMode: 'nextStart',
  cpu: 'nextStart',
  memory: 'nextStart',
  firmware: {
    refused:
      'cannot be changed: a guest that was installed with one firmware does not boot with the other. Create a VM with the firmware that you want',
  },
  secureBoot: {
    refused:
      "cannot be changed: whose signatures count stands in the VM's UEFI variables, which were made with it. Create a VM with it, or set it in the firmware's own menu",
  },
  tpm: 'nextStart',
  bootOrder: 'nextStart',
  clock: 'nextStart',
  hyperv: 'nextStart',
  disks: byDeviceRoute('disks', 'disks'),
  cdroms: byDeviceRoute('cdroms', 'cdroms'),
  cloudInit: {
    refused:
      'cannot be changed: cloud-init reads it when the guest first boots. Create a VM with the data that you want',
  },
  nics: byDeviceRoute('network cards', 'nics'),
  display: 'nextStart',
  video: 'nextStart',
  serial: 'nextStart',
  watchdog: 'nextStart',
  rng: 'nextStart',
} as const satisfies Record<keyof VmSpec, FieldChange>

type Fields = keyof VmSpec
type NextStart = { [Field in Fields]: (typeof specChanges)[Field] extends 'nextStart' ? Field : never }[Fields]

/** The part of a spec that a running QEMU keeps as it was until its next start. */
export type RunningSpec = Pick<VmSpec, NextStart>

const fields = Object.keys(specChanges) as Fields[]
const isNextStart = (field: Fields): field is NextStart => specChanges[field] === 'nextStart'

/** Why a field cannot be changed, and the way out; null where it can. */
export function whyFixed(field: Fields): string | null {
  const change: FieldChange = specChanges[field]
  return typeof change === 'string' ? null : change.refused
}

/** The fields that cannot be changed. */
export const fixedFields = fields.filter((field) => whyFixed(field) !== null)

/** What a QEMU runs with that is started now. */
export const runningSpecOf = (spec: RunningSpec): RunningSpec =>
  Object.fromEntries(fields.filter(isNextStart).map((field) => [field, spec[field]])) as unknown as RunningSpec

/** The fields, like `cpu.cores`, that have another value in what runs than in the spec: they wait for the next start. */
export const pendingFields = (running: RunningSpec | null, spec: RunningSpec): string[] =>
  running ? fields.filter(isNextStart).flatMap((field) => differing(field, running[field], spec[field])) : []

/** Lists count as one value. */
function differing(path: string, running: unknown, wanted: unknown): string[] {
  if (isJsonObject(running) && isJsonObject(wanted)) {
    const names = Object.keys({ ...running, ...wanted })
    return names.flatMap((name) => differing(`${path}.${name}`, running[name], wanted[name]))
  }
  return isSameJson(running, wanted) ? [] : [path]
}
