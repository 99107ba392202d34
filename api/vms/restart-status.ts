import { z } from '@hono/zod-openapi'
import { pendingFields } from '#db/rules/spec-changes.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { cpuModes, foreignCpuModes, type VmCpuMode } from '#db/vm-spec.ts'

/** What a VM's status says of the difference between its spec and what runs. */
export const restartStatusFields = {
  effectiveCpuMode: z
    .enum([...cpuModes, ...foreignCpuModes])
    .nullable()
    .openapi({ description: 'The CPU mode that runs, from the live definition; null while nothing runs.' }),
  pendingRestart: z.boolean().openapi({
    description: 'Whether something of the spec waits for the next start. A reboot is none: stop the VM, and start it.',
  }),
  pendingFields: z
    .array(z.string())
    .openapi({ description: 'The fields that wait, as they are named in a request.', example: [] }),
}

export function restartStatus(vm: Pick<VmRow, 'spec' | 'runningSpec' | 'effectiveCpu'>) {
  const fields = pendingFields(vm.runningSpec, vm.spec).map((field) => `spec.${field}`)
  return { effectiveCpuMode: effectiveCpuMode(vm), pendingRestart: fields.length > 0, pendingFields: fields }
}

/** A running `host-model` has become a CPU model by its name. */
function effectiveCpuMode({ effectiveCpu, runningSpec, spec }: Parameters<typeof restartStatus>[0]): VmCpuMode | null {
  if (effectiveCpu?.mode !== 'custom') return effectiveCpu?.mode ?? null
  return (runningSpec ?? spec).cpuMode === 'custom' ? 'custom' : 'host-model'
}
