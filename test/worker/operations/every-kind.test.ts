import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type OperationKind, operationKinds } from '#db/operations/catalog.ts'

/** What has no VM has its own. */
const guarantees = (kind: OperationKind) =>
  kind.startsWith('agent.')
    ? 'holdsTheGuestGuarantees('
    : kind.startsWith('image.')
      ? 'holdsTheImageGuarantees('
      : /^(storage-pool|volume)\./.test(kind)
        ? 'holdsTheStorageGuarantees('
        : 'holdsTheGuarantees('

test.each(operationKinds)('%s has a test that holds it to the guarantees of every kind', (kind) => {
  const file = new URL(`${kind.replace('.', '-')}.test.ts`, import.meta.url)
  expect(existsSync(file)).toBe(true)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(guarantees(kind))
  expect(text).toContain(`kind: '${kind}'`)
})
