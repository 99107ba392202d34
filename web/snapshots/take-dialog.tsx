import { Alert, Button, Checkbox, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type {
  SnapshotCapabilities,
  SnapshotCapability,
  SnapshotCreateInput,
  Vm,
} from '#openapi/sdk/typescript/index.ts'
import { useSnapshotCapabilities, useTakeSnapshot } from '../data/snapshots.ts'
import { Dialog } from '../shell/dialog.tsx'
import { ErrorNote } from '../shell/error-note.tsx'
import { bytes } from '../shell/sizes.ts'
import { text } from '../text.ts'
import { Refusal, refusalIn } from './refusal.tsx'

interface TakeDialogProps {
  vm: Vm
  close(): void
}

/** Says of each kind what it needs and costs, and of one that cannot be taken why. */
export function TakeDialog({ vm, close }: TakeDialogProps) {
  const capabilities = useSnapshotCapabilities(vm.id).data
  const take = useTakeSnapshot(vm.id)
  const [request, setRequest] = useState<SnapshotCreateInput>({ name: defaultName(new Date()) })
  const change = (part: Partial<SnapshotCreateInput>) => setRequest((before) => ({ ...before, ...part }))
  const submit = (wanted: SnapshotCreateInput) => take.mutate(wanted, { onSuccess: close })
  const refusal = take.error ? refusalIn(take.error) : null
  const chosen = capabilities && chosenOf(capabilities, request)
  return (
    <Dialog close={close} title={text.snapshots.take} size="lg">
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          submit(request)
        }}
      >
        <Stack>
          <TextInput
            label={text.create.name}
            value={request.name}
            onChange={({ currentTarget }) => change({ name: currentTarget.value })}
            required
            data-autofocus
          />
          <Textarea
            label={text.create.description}
            value={request.description ?? ''}
            onChange={({ currentTarget }) => change({ description: currentTarget.value })}
            autosize
          />
          {capabilities && !capabilities.offline.allowed && (
            <>
              <Option
                label={text.snapshots.includeMemory}
                capability={capabilities.memory}
                checked={request.includeMemory ?? false}
                onChange={(includeMemory) => change({ includeMemory, ...(includeMemory && { quiesce: false }) })}
              />
              <Option
                label={text.snapshots.quiesce}
                capability={capabilities.diskOnlyQuiesced}
                checked={request.quiesce ?? false}
                onChange={(quiesce) => change({ quiesce, ...(quiesce && { includeMemory: false }) })}
              />
            </>
          )}
          {chosen && !refusal && <WhatItWillBe capability={chosen} />}
          {refusal ? (
            <Refusal vm={vm} refusal={refusal} request={request} submit={submit} close={close} />
          ) : (
            take.error && <ErrorNote error={take.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {text.actions.cancel}
            </Button>
            <Button type="submit" loading={take.isPending} disabled={chosen?.allowed === false}>
              {text.snapshots.take}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

interface OptionProps {
  label: string
  capability: SnapshotCapability
  checked: boolean
  onChange(checked: boolean): void
}

const Option = ({ label, capability: { allowed, message }, checked, onChange }: OptionProps) => (
  <Checkbox
    label={label}
    description={
      allowed ? undefined : (
        <Text span size="xs" style={{ whiteSpace: 'pre-line' }}>
          {message}
        </Text>
      )
    }
    checked={checked && allowed}
    disabled={!allowed}
    onChange={({ currentTarget }) => onChange(currentTarget.checked)}
  />
)

const WhatItWillBe = ({ capability: { allowed, message, sizeBytes } }: { capability: SnapshotCapability }) => (
  <Alert color={allowed ? 'blue' : 'red'} role="status">
    <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
      {message}
    </Text>
    {allowed && sizeBytes !== null && <Text size="sm">{text.snapshots.size(bytes(sizeBytes))}</Text>}
  </Alert>
)

const chosenOf = (
  capabilities: SnapshotCapabilities,
  { includeMemory, quiesce }: SnapshotCreateInput,
): SnapshotCapability =>
  capabilities.offline.allowed
    ? capabilities.offline
    : includeMemory
      ? capabilities.memory
      : quiesce
        ? capabilities.diskOnlyQuiesced
        : capabilities.diskOnly

const defaultName = (now: Date): string => `snapshot-${now.toISOString().slice(0, 19).replace(/[T:]/g, '-')}`
