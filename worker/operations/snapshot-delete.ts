import type { OperationDefinition } from './definition.ts'

export const snapshotDelete: OperationDefinition<'snapshot.delete'> = {
  steps: [],
  succeeded: () => ({}),
  failed: () => ({}),
}
