import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Snapshot, Vm } from '#openapi/sdk/typescript/index.ts'
import { useRevert } from '../data/snapshots.ts'
import { Dialog } from '../shell/dialog.tsx'
import { ErrorNote } from '../shell/error-note.tsx'
import { text } from '../text.ts'

interface RevertDialogProps {
  vm: Vm
  snapshot: Snapshot
  close(): void
}

/** Says what becomes of what is current. */
export function RevertDialog({ vm, snapshot, close }: RevertDialogProps) {
  const revert = useRevert(vm.id)
  const [startAfterRevert, setStart] = useState(false)
  const [discardCurrent, setDiscard] = useState(false)
  const isMemory = snapshot.kind === 'memory'
  return (
    <Dialog close={close} title={text.snapshots.revertTo(snapshot.name)}>
      <Stack>
        <Text size="sm">{isMemory ? text.snapshots.revertMemory : text.snapshots.revertDisks}</Text>
        <Text size="sm">{discardCurrent ? text.snapshots.revertLoses : text.snapshots.revertKeeps}</Text>
        {!isMemory && (
          <Checkbox
            label={text.snapshots.startAfter}
            checked={startAfterRevert}
            onChange={({ currentTarget }) => setStart(currentTarget.checked)}
          />
        )}
        <Checkbox
          label={text.snapshots.discardCurrent}
          checked={discardCurrent}
          onChange={({ currentTarget }) => setDiscard(currentTarget.checked)}
        />
        {revert.error && <ErrorNote error={revert.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {text.actions.cancel}
          </Button>
          <Button
            color={discardCurrent ? 'red' : 'blue'}
            loading={revert.isPending}
            onClick={() =>
              revert.mutate({ snapshotId: snapshot.id, startAfterRevert, discardCurrent }, { onSuccess: close })
            }
          >
            {text.snapshots.revert}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
