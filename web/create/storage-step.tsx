import { Button, CloseButton, Group, NumberInput, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { text } from '../text.ts'
import type { StepProps } from './step-props.ts'

const mostDisks = 24
const mostGib = 65_536

export function StorageStep({ draft, change }: StepProps) {
  const { diskSizes, bootFrom } = draft
  const setSize = (index: number, size: number | null) => change({ diskSizes: diskSizes.with(index, size) })
  return (
    <Stack maw={560}>
      {diskSizes.map((size, index) => {
        const isImage = index === 0 && bootFrom === 'image'
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a disk is its place in the list.
          <Group key={index} align="flex-end" wrap="nowrap">
            <NumberInput
              label={`${text.create.disk(index + 1)}: ${text.create.diskSize}`}
              description={isImage ? text.create.diskSizeOfImage : text.create.diskSizeHint}
              min={1}
              max={mostGib}
              value={size ?? ''}
              onChange={(value) => setSize(index, typeof value === 'number' ? value : isImage ? null : 1)}
              flex={1}
            />
            <CloseButton
              aria-label={`${text.create.removeDisk} (${index + 1})`}
              disabled={diskSizes.length === 1}
              onClick={() => change({ diskSizes: diskSizes.toSpliced(index, 1) })}
            />
          </Group>
        )
      })}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={diskSizes.length >= mostDisks}
        onClick={() => change({ diskSizes: [...diskSizes, 10] })}
        w="fit-content"
      >
        {text.create.addDisk}
      </Button>
    </Stack>
  )
}
