import type { VmCreateInputWritable } from '#openapi/sdk/typescript/index.ts'
import { text } from '../text.ts'

export type CpuMode = 'host-model' | 'host-passthrough'

/** What stands in the wizard. */
export interface Draft {
  name: string
  description: string
  guestOs: string
  cpuMode: CpuMode
  coresPerSocket: number
  sockets: number
  memoryMib: number
  bootFrom: 'empty' | 'image' | 'iso'
  /** Its file name; null until one is chosen. */
  image: string | null
  /** GiB; null takes the image's size, which only the first may. */
  diskSizes: readonly (number | null)[]
  network: { kind: 'none' | 'network' | 'bridge'; name: string }
  /** Null leaves cloud-init out. */
  userData: string | null
  startAfter: boolean
}

/** With it a name is enough. */
export const emptyDraft: Draft = {
  name: '',
  description: '',
  guestOs: 'generic',
  cpuMode: 'host-model',
  coresPerSocket: 2,
  sockets: 1,
  memoryMib: 2048,
  bootFrom: 'empty',
  image: null,
  diskSizes: [10],
  network: { kind: 'none', name: '' },
  userData: null,
  startAfter: true,
}

export const vcpusOf = ({ coresPerSocket, sockets }: Pick<Draft, 'coresPerSocket' | 'sockets'>): number =>
  coresPerSocket * sockets

export const steps = ['basics', 'hardware', 'media', 'storage', 'network', 'guest', 'review'] as const
export type Step = (typeof steps)[number]

/** As the API has it. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export interface Problem {
  step: Step
  field: string
  message: string
}

/** What must be mended before the request can be made; the API checks the rest. */
export function problemsOf(draft: Draft): Problem[] {
  const problems: Problem[] = []
  if (!namePattern.test(draft.name)) problems.push({ step: 'basics', field: 'name', message: text.create.nameInvalid })
  if (draft.bootFrom !== 'empty' && draft.image === null)
    problems.push({ step: 'media', field: 'image', message: text.create.imageMissing })
  if (draft.network.kind !== 'none' && draft.network.name === '')
    problems.push({ step: 'network', field: 'networkName', message: text.create.networkMissing })
  return problems
}

/** The request that makes it. `cores` of the API counts all sockets together. */
export function requestOf(draft: Draft): VmCreateInputWritable {
  const { name, description, guestOs, cpuMode, sockets, memoryMib, bootFrom, image, diskSizes, network, userData } =
    draft
  return {
    name,
    ...(description !== '' && { description }),
    spec: {
      ...(guestOs !== 'generic' && { guestOs: guestOs as NonNullable<VmCreateInputWritable['spec']['guestOs']> }),
      cpuMode,
      cpu: { cores: vcpusOf(draft), sockets },
      memory: { sizeMib: memoryMib },
      disks: diskSizes.map((sizeGib, index) => ({
        ...(sizeGib !== null && { sizeGib }),
        ...(index === 0 && bootFrom === 'image' && image !== null && { baseImage: image }),
      })),
      ...(bootFrom === 'iso' && image !== null && { cdroms: [{ iso: image }], bootOrder: ['disk', 'cdrom'] as const }),
      ...(network.kind !== 'none' && { nics: [{ [network.kind]: network.name }] }),
      ...(userData !== null && { cloudInit: { userData } }),
    } as VmCreateInputWritable['spec'],
  }
}
