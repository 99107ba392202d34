import { createHash } from 'node:crypto'
import { z } from 'zod'
import { completeSpec } from '#db/complete-spec.ts'
import { vmNamePattern } from '#db/given-names.ts'
import { type GuestOsName, guestOsNames } from '#db/guest-os/names.ts'
import { labelKeyPattern, labelValuePattern, maxLabels } from '#db/labels.ts'
import { contradictionsIn, maxDisks, maxNics, maxVcpus } from '#db/rules/spec-contradictions.ts'
import { type SpecWithSecrets, secretsIn, withoutSecrets } from '#db/secrets/given-secrets.ts'
import { cpuModes } from '#db/vm-spec.ts'
import type { CreateVMOnNodeRequest__Output } from '#proto/gen/limiquantix/node/v1/CreateVMOnNodeRequest.ts'
import { type FieldProblem, invalidRequest, readFields } from './invalid-request.ts'
import { cdromMessage, diskMessage, nicMessage } from './read-devices.ts'
import { limit, only, orUndefined } from './read-fields.ts'
import { cloudInitMessage, vncPassword } from './read-secrets.ts'
import type { NewVm } from './vm-control.ts'

const count = limit(maxVcpus)

const portText = 'must be 0: the node chooses the port'
const console = z
  .object({
    vncEnabled: z.boolean(),
    vncPort: only(0, portText),
    vncPassword,
    spiceEnabled: z.boolean(),
    spicePort: only(0, portText),
  })
  .refine(({ vncEnabled, spiceEnabled }) => !(vncEnabled && spiceEnabled), 'must have one display: VNC or SPICE')
  .refine(({ vncEnabled, vncPassword: password }) => vncEnabled || password === undefined, {
    path: ['vncPassword'],
    message: 'goes only with vnc_enabled',
  })
  .transform(({ vncEnabled, vncPassword: password, spiceEnabled }) => ({
    type: vncEnabled ? ('vnc' as const) : spiceEnabled ? ('spice' as const) : ('none' as const),
    password,
  }))

const firmwares = { FIRMWARE_BIOS: 'bios', FIRMWARE_UEFI: 'uefi' } as const
const bootDevices = { BOOT_DEVICE_DISK: 'disk', BOOT_DEVICE_CDROM: 'cdrom', BOOT_DEVICE_NETWORK: 'network' } as const

const spec = z
  .object({
    cpuCores: count,
    cpuSockets: count,
    cpuThreadsPerCore: count,
    memoryMib: z.int().min(16).max(1_048_576),
    memoryHugepages: z.boolean(),
    firmware: z.enum(['FIRMWARE_BIOS', 'FIRMWARE_UEFI']),
    bootOrder: z.array(z.enum(['BOOT_DEVICE_DISK', 'BOOT_DEVICE_CDROM', 'BOOT_DEVICE_NETWORK'])).max(3),
    disks: z.array(diskMessage).max(maxDisks),
    nics: z.array(nicMessage).max(maxNics),
    cdroms: z.array(cdromMessage).max(4),
    console: console.nullish(),
    cloudInit: cloudInitMessage.nullish(),
    guestOs: orUndefined('', z.enum(guestOsNames as [GuestOsName, ...GuestOsName[]])),
    cpuMode: orUndefined('', z.enum(cpuModes)),
  })
  .transform(
    (wanted): SpecWithSecrets => ({
      guestOs: wanted.guestOs,
      cpuMode: wanted.cpuMode,
      cpu: { cores: wanted.cpuCores ?? 1, sockets: wanted.cpuSockets, threadsPerCore: wanted.cpuThreadsPerCore },
      memory: { sizeMib: wanted.memoryMib, hugepages: wanted.memoryHugepages },
      firmware: firmwares[wanted.firmware],
      bootOrder: wanted.bootOrder.length > 0 ? wanted.bootOrder.map((device) => bootDevices[device]) : undefined,
      disks: wanted.disks,
      cdroms: wanted.cdroms,
      nics: wanted.nics,
      cloudInit: wanted.cloudInit ?? null,
      display: wanted.console ?? undefined,
    }),
  )

const request = z.object({
  vmId: z.guid('must be a UUID').toLowerCase(),
  name: z.string().regex(vmNamePattern, 'must have 1 to 63 letters, digits and . _ -'),
  labels: z
    .record(z.string(), z.string().regex(labelValuePattern, 'must be a label value as in Kubernetes'))
    .refine(
      (labels) => Object.keys(labels).every((key) => labelKeyPattern.test(key)),
      'must have keys as in Kubernetes',
    )
    .refine((labels) => Object.keys(labels).length <= maxLabels, `must be at most ${maxLabels}`),
  spec,
})

/** The VM that is asked for. The same request gives the same VM. Throws `invalid_argument` naming each wrong field. */
export function readNewVm(message: CreateVMOnNodeRequest__Output): NewVm {
  const { spec: wanted, ...vm } = readFields(request, message, invalid)
  const complete = completeSpec(withoutSecrets(wanted), addresses(vm.vmId))
  const contradictions = contradictionsIn(complete).map(({ path, message: text }) => ({
    path: ['spec', ...path],
    message: text,
  }))
  if (contradictions.length > 0) throw invalid(contradictions)
  return { ...vm, spec: complete, secrets: secretsIn(wanted) }
}

const invalid = (problems: readonly FieldProblem[]) => invalidRequest('The VM cannot be made', 'INVALID_SPEC', problems)

/** Addresses with QEMU's prefix that follow from the VM's id: who asks twice gets the same ones. */
function addresses(vmId: string): () => string {
  let index = 0
  return () => {
    const digest = createHash('sha256').update(`${vmId}/${index++}`).digest('hex')
    return ['52', '54', '00', digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(':')
  }
}
