import { Alert, Button, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Remedy, SnapshotCreateInput, Vm } from '#openapi/sdk/typescript/index.ts'
import { ApiError } from '../data/request.ts'
import { useStopThenSnapshot, useUpdateVm } from '../data/snapshots.ts'
import { showError } from '../shell/show-error.ts'
import { text } from '../text.ts'

/** Why a snapshot is not taken, with the ways out. */
export interface SnapshotRefusal {
  message: string
  remedies: readonly Remedy[]
}

/** Null where the error names no way out. */
export function refusalIn(error: Error): SnapshotRefusal | null {
  const remedies = error instanceof ApiError ? error.body?.details?.remedies : undefined
  return Array.isArray(remedies) ? { message: error.message, remedies: remedies as Remedy[] } : null
}

interface RefusalProps {
  vm: Vm
  refusal: SnapshotRefusal
  /** The one that was refused. */
  request: SnapshotCreateInput
  submit(request: SnapshotCreateInput): void
  close(): void
}

/** The refusal, whole; each way out that the console knows is a button that does it. */
export function Refusal({ vm, refusal: { message, remedies }, request, submit, close }: RefusalProps) {
  const stopFirst = useStopThenSnapshot(vm.id)
  const update = useUpdateVm(vm.id)

  function take({ action, request: changes, call }: Remedy): void {
    if (action === 'STOP_THEN_SNAPSHOT')
      stopFirst.mutate({ ...request, ...changes }, { onSuccess: close, onError: showError })
    else if (call) update.mutate(call.body, { onSuccess: changed, onError: showError })
    else submit({ ...request, ...changes })
  }
  function changed(): void {
    notifications.show({ message: text.snapshots.atNextStart(vm.name) })
    close()
  }

  return (
    <Alert color="red" title={text.snapshots.refused} icon={<IconAlertTriangle aria-hidden />} role="alert">
      <Stack gap="sm">
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {message}
        </Text>
        {remedies.filter(isKnown).map((remedy) => (
          <Button
            key={remedy.action}
            variant="default"
            loading={stopFirst.isPending || update.isPending}
            onClick={() => take(remedy)}
            w="fit-content"
            h="auto"
            mih={36}
            py={6}
            styles={{ label: { whiteSpace: 'normal', overflow: 'visible', height: 'auto' } }}
          >
            {text.snapshots.remedies[remedy.action]}
          </Button>
        ))}
      </Stack>
    </Alert>
  )
}

type Known = keyof typeof text.snapshots.remedies
const isKnown = (remedy: Remedy): remedy is Remedy & { action: Known } => remedy.action in text.snapshots.remedies
