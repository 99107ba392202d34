import { Radio, Stack, TextInput } from '@mantine/core'
import { text } from '../text.ts'
import type { Draft } from './draft.ts'
import type { StepProps } from './step-props.ts'

const choices = [
  { value: 'none', label: text.create.noNetwork },
  { value: 'network', label: text.create.libvirtNetwork },
  { value: 'bridge', label: text.create.bridge },
] as const

export const NetworkStep = ({ draft: { network }, change, problems }: StepProps) => (
  <Stack maw={560}>
    <Radio.Group
      label={text.create.network}
      value={network.kind}
      onChange={(value) => {
        const kind = value as Draft['network']['kind']
        change({ network: { kind, name: kind === 'network' ? 'default' : '' } })
      }}
    >
      <Stack gap="xs" mt="xs">
        {choices.map(({ value, label }) => (
          <Radio key={value} value={value} label={label} />
        ))}
      </Stack>
    </Radio.Group>
    {network.kind !== 'none' && (
      <TextInput
        label={text.create.networkName}
        value={network.name}
        onChange={({ currentTarget }) => change({ network: { ...network, name: currentTarget.value } })}
        error={problems.networkName}
        required
      />
    )}
  </Stack>
)
