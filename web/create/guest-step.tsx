import { Checkbox, Stack, Textarea } from '@mantine/core'
import { text } from '../text.ts'
import type { StepProps } from './step-props.ts'

const example = '#cloud-config\nusers:\n  - name: admin\n    ssh_authorized_keys:\n      - ssh-ed25519 …\n'

export const GuestStep = ({ draft, change }: StepProps) => (
  <Stack maw={720}>
    <Checkbox
      label={text.create.cloudInit}
      checked={draft.userData !== null}
      onChange={({ currentTarget }) => change({ userData: currentTarget.checked ? '#cloud-config\n' : null })}
    />
    {draft.userData !== null && (
      <Textarea
        label={text.create.userData}
        description={text.create.userDataHint}
        value={draft.userData}
        onChange={({ currentTarget }) => change({ userData: currentTarget.value })}
        placeholder={example}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        autosize
        minRows={8}
        maxRows={24}
      />
    )}
    <Checkbox
      label={text.create.startAfter}
      checked={draft.startAfter}
      onChange={({ currentTarget }) => change({ startAfter: currentTarget.checked })}
    />
  </Stack>
)
