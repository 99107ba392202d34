import { AppError } from '#db/errors.ts'
import type { HostDomainRow } from '#db/schema/host-domain.ts'

/** What decides whether a domain that others made can become a VM. */
export type AdoptionFacts = Pick<HostDomainRow, 'name' | 'persistent' | 'managedSave' | 'sharesDiskWith'>

export const adoptionReasons = ['DOMAIN_IS_TRANSIENT', 'DOMAIN_HAS_SAVED_MEMORY', 'DISK_OF_ANOTHER_VM'] as const

export interface AdoptionObstacle {
  /** For programs. */
  reason: (typeof adoptionReasons)[number]
  /** For people: what is in the way, and the way out. */
  message: string
}

/** All that stands in the way of an adoption; empty where nothing does. */
export const adoptionObstacles = (domain: AdoptionFacts): AdoptionObstacle[] =>
  rules.filter(({ applies }) => applies(domain)).map(({ reason, sentence }) => ({ reason, message: sentence(domain) }))

/** The refusal of an adoption; null where nothing stands in its way. */
export function adoptionRefusal(domain: AdoptionFacts): AppError | null {
  const obstacles = adoptionObstacles(domain)
  const [first] = obstacles
  if (!first) return null
  return new AppError('failed_precondition', obstacles.map(({ message }) => message).join(' '), {
    reason: first.reason,
    details: { obstacles },
  })
}

interface Rule {
  reason: AdoptionObstacle['reason']
  applies(domain: AdoptionFacts): boolean
  sentence(domain: AdoptionFacts): string
}

const rules: readonly Rule[] = [
  {
    reason: 'DOMAIN_IS_TRANSIENT',
    applies: ({ persistent }) => !persistent,
    sentence: ({ name }) =>
      `Domain ${name} is transient: libvirt forgets it when it stops. Define it on its node (virsh dumpxml, then virsh define), then adopt it.`,
  },
  {
    reason: 'DOMAIN_HAS_SAVED_MEMORY',
    applies: ({ managedSave }) => managedSave,
    sentence: ({ name }) =>
      `The memory of domain ${name} was put aside (virsh managedsave), and would be lost with a change of its disks. Start it on its node, or throw the memory away (virsh managedsave-remove), then adopt it.`,
  },
  {
    reason: 'DISK_OF_ANOTHER_VM',
    applies: ({ sharesDiskWith }) => sharesDiskWith.length > 0,
    sentence: ({ name, sharesDiskWith }) =>
      `A disk of domain ${name} is a disk of VM ${sharesDiskWith.join(', ')} too: the two would destroy it. Give the domain a disk of its own (virsh edit), then adopt it.`,
  },
]
