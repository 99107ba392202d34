import { Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useGuestOsProfiles } from '../data/nodes.ts'
import { text } from '../text.ts'
import type { StepProps } from './step-props.ts'

export function BasicsStep({ draft, change, problems }: StepProps) {
  const profiles = useGuestOsProfiles().data ?? []
  const names = profiles.flatMap(({ name, otherNames }) => [name, ...otherNames])
  return (
    <Stack maw={560}>
      <TextInput
        label={text.create.name}
        description={text.create.nameHint}
        value={draft.name}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        error={problems.name}
        required
        data-autofocus
        autoFocus
      />
      <Select
        label={text.create.guestOs}
        description={text.create.guestOsHint}
        data={names.length > 0 ? names : [draft.guestOs]}
        value={draft.guestOs}
        onChange={(guestOs) => guestOs && change({ guestOs })}
        searchable
        allowDeselect={false}
      />
      <Textarea
        label={text.create.description}
        value={draft.description}
        onChange={({ currentTarget }) => change({ description: currentTarget.value })}
        maxLength={1000}
        autosize
        minRows={2}
      />
    </Stack>
  )
}
