import { ActionIcon, Badge, Button, Drawer, Group, Indicator, Progress, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconListCheck } from '@tabler/icons-react'
import type { Operation } from '#openapi/sdk/typescript/index.ts'
import { useCancelOperation, useOperations } from '../data/operations.ts'
import { useVms } from '../data/vms.ts'
import { showError } from '../shell/show-error.ts'
import { bytes } from '../shell/sizes.ts'
import { text } from '../text.ts'

/** What goes on and what went before, from each page. */
export function OperationsDrawer() {
  const [opened, { open, close }] = useDisclosure()
  const operations = useOperations(opened).data ?? []
  const goingOn = operations.filter(({ done }) => !done).length
  return (
    <>
      <Indicator label={goingOn} size={18} disabled={goingOn === 0}>
        <ActionIcon variant="default" size="lg" onClick={open} aria-label={text.operations.open(goingOn)}>
          <IconListCheck size={18} aria-hidden />
        </ActionIcon>
      </Indicator>
      <Drawer.Root opened={opened} onClose={close} position="right">
        <Drawer.Overlay />
        <Drawer.Content>
          <Group justify="space-between" p="md" pb={0}>
            <Drawer.Title fw={600}>{text.operations.title}</Drawer.Title>
            <Drawer.CloseButton aria-label={text.close} />
          </Group>
          <Drawer.Body pt="sm">
            <Stack gap="md" aria-live="polite">
              {operations.length === 0 && <Text size="sm">{text.operations.none}</Text>}
              {operations.map((operation) => (
                <OperationItem key={operation.id} operation={operation} />
              ))}
            </Stack>
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
    </>
  )
}

const colors = { succeeded: 'green', failed: 'red', undoing: 'orange' } as const

function OperationItem({ operation }: { operation: Operation }) {
  const { kind, status, vmId, error, progress, createdAt } = operation
  const vm = useVms().data?.items.find(({ id }) => id === vmId)
  return (
    <Stack gap={4}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500}>
          {kind}
          {vm && ` · ${vm.name}`}
        </Text>
        <Badge variant="light" color={status in colors ? colors[status as keyof typeof colors] : 'blue'}>
          {status}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed">
        {new Date(createdAt).toLocaleString()}
      </Text>
      {progress && !operation.done && <HowFar progress={progress} label={kind} />}
      {error && (
        <Text size="sm" c="red" style={{ whiteSpace: 'pre-line' }}>
          {error.message}
        </Text>
      )}
      {kind === 'image.import' && !operation.done && <Cancel operation={operation} />}
    </Stack>
  )
}

const HowFar = ({ progress, label }: { progress: NonNullable<Operation['progress']>; label: string }) => (
  <>
    {progress.totalBytes !== null && (
      <Progress value={(100 * progress.doneBytes) / progress.totalBytes} aria-label={label} />
    )}
    <Text size="xs">
      {bytes(progress.doneBytes)}
      {progress.totalBytes !== null && ` / ${bytes(progress.totalBytes)}`}
    </Text>
  </>
)

function Cancel({ operation: { id, cancelRequested } }: { operation: Operation }) {
  const { mutate, isPending } = useCancelOperation()
  return (
    <Button
      size="compact-sm"
      variant="default"
      w="fit-content"
      loading={isPending || cancelRequested}
      onClick={() => mutate(id, { onError: showError })}
    >
      {text.actions.cancel}
    </Button>
  )
}
