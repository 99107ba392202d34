import type { OperationDefinition } from './definition.ts'

export const snapshotRevert: OperationDefinition<'snapshot.revert'> = {
  steps: [],
  succeeded: () => ({}),
  failed: () => ({}),
}
