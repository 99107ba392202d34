import { Radio, Select, Stack, Text } from '@mantine/core'
import { useImages } from '../data/nodes.ts'
import { text } from '../text.ts'
import type { Draft } from './draft.ts'
import type { StepProps } from './step-props.ts'

const choices = [
  { value: 'empty', label: text.create.emptyDisk },
  { value: 'image', label: text.create.baseImage },
  { value: 'iso', label: text.create.iso },
] as const

export function MediaStep({ draft, change, problems }: StepProps) {
  const images = useImages().data ?? []
  const fitting = images.filter(
    ({ state, problem, format }) => state === 'READY' && !problem && (format === 'iso') === (draft.bootFrom === 'iso'),
  )
  const names = [...new Set(fitting.map(({ name }) => name))].toSorted()
  return (
    <Stack maw={560}>
      <Radio.Group
        label={text.create.bootFrom}
        value={draft.bootFrom}
        onChange={(value) => {
          const bootFrom = value as Draft['bootFrom']
          const [, ...others] = draft.diskSizes
          change({ bootFrom, image: null, diskSizes: [bootFrom === 'image' ? null : 10, ...others] })
        }}
      >
        <Stack gap="xs" mt="xs">
          {choices.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
      {draft.bootFrom !== 'empty' &&
        (names.length > 0 ? (
          <Select
            label={text.create.image}
            data={names}
            value={draft.image}
            onChange={(image) => change({ image })}
            error={problems.image}
            searchable
            required
          />
        ) : (
          <Text size="sm" c="red">
            {text.create.noImages}
          </Text>
        ))}
    </Stack>
  )
}
