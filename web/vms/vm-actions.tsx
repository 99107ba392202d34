import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconDotsVertical } from '@tabler/icons-react'
import { useState } from 'react'
import type { Vm } from '#openapi/sdk/typescript/index.ts'
import { type ActionName, useVmAction } from '../data/vms.ts'
import { Dialog } from '../shell/dialog.tsx'
import { showError } from '../shell/show-error.ts'
import { WhyNotButton } from '../shell/why-not-button.tsx'
import { text } from '../text.ts'

/** Those beside the name; the others are in the menu. */
const shown = ['start', 'stop'] as const
const further = ['forceStop', 'reboot', 'reset', 'pause', 'resume', 'delete', 'forceDelete'] as const
type Shown = (typeof shown)[number] | (typeof further)[number]

/** Of what may lose something. */
const confirmations = text.actions.confirm satisfies Partial<Record<Shown, (name: string) => string>>
type Confirmed = keyof typeof confirmations
const isConfirmed = (action: Shown): action is Confirmed => action in confirmations

const isDeletion = (action: Shown): boolean => action === 'delete' || action === 'forceDelete'

interface VmActionsProps {
  vm: Vm
  /** In a list there is room for the menu alone. */
  compact?: boolean
}

/** What can be done with a VM; what cannot be now says why. */
export function VmActions({ vm, compact = false }: VmActionsProps) {
  const [asked, setAsked] = useState<Confirmed | null>(null)
  const ask = (action: Shown, perform: () => void) => (isConfirmed(action) ? setAsked(action) : perform())
  return (
    <Group gap="xs" wrap="nowrap">
      {!compact && shown.map((action) => <ActionButton key={action} vm={vm} action={action} />)}
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label={`${text.actions.more}: ${vm.name}`}>
            <IconDotsVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown maw={360}>
          {(compact ? [...shown, ...further] : further).map((action) => (
            <ActionItem key={action} vm={vm} action={action} ask={ask} />
          ))}
        </Menu.Dropdown>
      </Menu>
      {asked && <Confirmation vm={vm} action={asked} close={() => setAsked(null)} />}
    </Group>
  )
}

function ActionButton({ vm, action }: { vm: Vm; action: (typeof shown)[number] }) {
  const { mutate, isPending } = useVmAction(action)
  return (
    <WhyNotButton
      action={vm.allowedActions[action]}
      loading={isPending}
      onClick={() => mutate(vm.id, { onError: showError })}
    >
      {text.actions[action]}
    </WhyNotButton>
  )
}

interface ActionItemProps {
  vm: Vm
  action: Shown
  ask(action: Shown, perform: () => void): void
}

function ActionItem({ vm, action, ask }: ActionItemProps) {
  const { mutate } = useVmAction(action)
  const { allowed, message } = vm.allowedActions[action]
  return (
    <Menu.Item
      aria-disabled={!allowed}
      closeMenuOnClick={allowed}
      onClick={() => allowed && ask(action, () => mutate(vm.id, { onError: showError }))}
    >
      <Text size="sm" c={!allowed ? 'dimmed' : isDeletion(action) ? 'red' : undefined}>
        {text.actions[action]}
      </Text>
      {!allowed && (
        <Text size="xs" c="dimmed">
          {message}
        </Text>
      )}
    </Menu.Item>
  )
}

function Confirmation({ vm, action, close }: { vm: Vm; action: Confirmed; close(): void }) {
  const { mutate, isPending } = useVmAction(action satisfies ActionName)
  return (
    <Dialog close={close} title={text.actions[action]}>
      <Text size="sm">{confirmations[action](vm.name)}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close} data-autofocus>
          {text.actions.cancel}
        </Button>
        <Button color="red" loading={isPending} onClick={() => mutate(vm.id, { onError: showError, onSettled: close })}>
          {text.actions[action]}
        </Button>
      </Group>
    </Dialog>
  )
}
