import { Badge, Group, Loader, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { useState } from 'react'
import type { Snapshot, Vm } from '#openapi/sdk/typescript/index.ts'
import { useSnapshots } from '../data/snapshots.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { bytes } from '../shell/sizes.ts'
import { WhyNotButton } from '../shell/why-not-button.tsx'
import { text } from '../text.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { RevertDialog } from './revert-dialog.tsx'
import { TakeDialog } from './take-dialog.tsx'
import { treeOf } from './tree.ts'

type Open = { dialog: 'take' } | { dialog: 'revert' | 'delete'; snapshot: Snapshot }

/** The snapshots of a VM, as the tree that they are. */
export function SnapshotsPanel({ vm }: { vm: Vm }) {
  const { data, error } = useSnapshots(vm.id)
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {text.snapshots.title}
        </Title>
        <WhyNotButton action={vm.allowedActions.snapshot} onClick={() => setOpen({ dialog: 'take' })}>
          {text.snapshots.take}
        </WhyNotButton>
      </Group>
      {error && <ErrorNote error={error} />}
      {data?.length === 0 && <Text size="sm">{text.snapshots.empty}</Text>}
      {data && data.length > 0 && <SnapshotTable vm={vm} snapshots={data} open={setOpen} />}
      {open?.dialog === 'take' && <TakeDialog vm={vm} close={close} />}
      {open?.dialog === 'revert' && <RevertDialog vm={vm} snapshot={open.snapshot} close={close} />}
      {open?.dialog === 'delete' && <DeleteDialog vm={vm} snapshot={open.snapshot} close={close} />}
    </Stack>
  )
}

interface SnapshotTableProps {
  vm: Vm
  snapshots: readonly Snapshot[]
  open(what: Open): void
}

const SnapshotTable = ({ vm, snapshots, open }: SnapshotTableProps) => (
  <Table.ScrollContainer minWidth={720}>
    <Table verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          {Object.values(text.snapshots.columns).map((title) => (
            <Table.Th key={title}>{title}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {treeOf(snapshots).map(({ snapshot, depth }) => (
          <Table.Tr key={snapshot.id}>
            <Table.Td pl={`calc(var(--mantine-spacing-xs) + ${depth * 20}px)`}>
              <Name snapshot={snapshot} />
            </Table.Td>
            <Table.Td>
              <Kind snapshot={snapshot} />
            </Table.Td>
            <Table.Td>{snapshot.sizeBytes === null ? text.vms.none : bytes(snapshot.sizeBytes)}</Table.Td>
            <Table.Td>{new Date(snapshot.takenAt ?? snapshot.createdAt).toLocaleString()}</Table.Td>
            <Table.Td>
              <Group gap="xs" wrap="nowrap">
                <WhyNotButton
                  size="compact-sm"
                  action={vm.allowedActions.revert}
                  disabled={snapshot.status.state !== 'READY'}
                  onClick={() => open({ dialog: 'revert', snapshot })}
                >
                  {text.snapshots.revert}
                </WhyNotButton>
                <WhyNotButton
                  size="compact-sm"
                  action={vm.allowedActions.deleteSnapshot}
                  onClick={() => open({ dialog: 'delete', snapshot })}
                >
                  {text.actions.delete}
                </WhyNotButton>
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
)

const Name = ({ snapshot: { name, current, description } }: { snapshot: Snapshot }) => (
  <Group gap="xs" wrap="nowrap">
    <div>
      <Text size="sm">{name}</Text>
      {description !== '' && (
        <Text size="xs" c="dimmed">
          {description}
        </Text>
      )}
    </div>
    {current && (
      <Tooltip label={text.snapshots.currentHint} multiline maw={300}>
        <Badge variant="outline" tabIndex={0}>
          {text.snapshots.current}
        </Badge>
      </Tooltip>
    )}
  </Group>
)

function Kind({ snapshot: { status, kind, consistency, notice } }: { snapshot: Snapshot }) {
  if (status.state === 'FAILED')
    return (
      <Text size="sm" c="red">
        {status.error?.message}
      </Text>
    )
  if (status.state !== 'READY' || kind === null) return <Loader size={14} role="img" aria-label={status.state} />
  return (
    <div>
      <Text size="sm">{text.snapshots.kinds[kind]}</Text>
      <Text size="xs" c="dimmed">
        {notice ?? (consistency && text.snapshots.consistencies[consistency])}
      </Text>
    </div>
  )
}
