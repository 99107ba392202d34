import { expect, test } from 'vitest'
import { type AdoptionFacts, adoptionObstacles, adoptionReasons, adoptionRefusal } from '#db/rules/adoption.ts'

const good: AdoptionFacts = { name: 'web', persistent: true, managedSave: false, sharesDiskWith: [] }

const inTheWay: Record<(typeof adoptionReasons)[number], Partial<AdoptionFacts>> = {
  DOMAIN_IS_TRANSIENT: { persistent: false },
  DOMAIN_HAS_SAVED_MEMORY: { managedSave: true },
  DISK_OF_ANOTHER_VM: { sharesDiskWith: ['vm-1', 'vm-2'] },
}

test('a domain with nothing in the way can be adopted', () => {
  expect(adoptionObstacles(good)).toEqual([])
  expect(adoptionRefusal(good)).toBeNull()
})

test.each(adoptionReasons)('%s is in the way, with the name of the domain and the way out', (reason) => {
  const facts = { ...good, ...inTheWay[reason] }
  expect(adoptionObstacles(facts)).toEqual([{ reason, message: expect.stringMatching(/web.*then adopt it\.$/) }])
  expect(adoptionRefusal(facts)).toMatchObject({ code: 'failed_precondition', reason })
})

test('all that is in the way is told at once', () => {
  const facts = { ...good, persistent: false, managedSave: true, sharesDiskWith: ['vm-1'] }
  expect(adoptionRefusal(facts)?.details).toEqual({ obstacles: adoptionObstacles(facts) })
  expect(adoptionObstacles(facts).map(({ reason }) => reason)).toEqual([...adoptionReasons])
})
