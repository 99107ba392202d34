import { Button, Group, Stack, Text } from '@mantine/core'
import type { Snapshot, Vm } from '#openapi/sdk/typescript/index.ts'
import { useDeleteSnapshot } from '../data/snapshots.ts'
import { Dialog } from '../shell/dialog.tsx'
import { ErrorNote } from '../shell/error-note.tsx'
import { text } from '../text.ts'

interface DeleteDialogProps {
  vm: Vm
  snapshot: Snapshot
  close(): void
}

export function DeleteDialog({ vm, snapshot, close }: DeleteDialogProps) {
  const remove = useDeleteSnapshot(vm.id)
  return (
    <Dialog close={close} title={text.snapshots.deleteOne(snapshot.name)}>
      <Stack>
        <Text size="sm">{text.snapshots.deleteLoses}</Text>
        {remove.error && <ErrorNote error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {text.actions.cancel}
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(snapshot.id, { onSuccess: close })}
          >
            {text.actions.delete}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
