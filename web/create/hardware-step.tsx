import { Group, NumberInput, Select, Slider, Stack, Text } from '@mantine/core'
import { useNodes } from '../data/nodes.ts'
import { mib } from '../shell/sizes.ts'
import { text } from '../text.ts'
import { CpuModeCards } from './cpu-mode-cards.tsx'
import { vcpusOf } from './draft.ts'
import type { StepProps } from './step-props.ts'

const mostCoresPerSocket = 64
const sockets = [1, 2, 4, 8]

export function HardwareStep({ draft, change }: StepProps) {
  const nodes = useNodes().data
  const largestMib = nodes?.length ? Math.max(...nodes.map(({ memoryMib }) => memoryMib)) : undefined
  return (
    <Stack>
      <CpuModeCards value={draft.cpuMode} onChange={(cpuMode) => change({ cpuMode })} nodes={nodes} />
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Stack gap={4} miw={220}>
          <Text size="sm" fw={500} id="cores-label">
            {text.create.coresPerSocket}: {draft.coresPerSocket}
          </Text>
          <Slider
            min={1}
            max={mostCoresPerSocket}
            value={draft.coresPerSocket}
            onChange={(coresPerSocket) => change({ coresPerSocket })}
            thumbLabel={text.create.coresPerSocket}
            mt="xs"
          />
        </Stack>
        <Select
          label={text.create.sockets}
          data={sockets.map(String)}
          value={String(draft.sockets)}
          onChange={(value) => change({ sockets: Number(value ?? 1) })}
          allowDeselect={false}
          maw={120}
        />
        <NumberInput
          label={text.create.memory}
          description={largestMib !== undefined ? text.create.memoryHint(mib(largestMib)) : undefined}
          min={64}
          max={largestMib}
          step={512}
          value={draft.memoryMib}
          onChange={(value) => typeof value === 'number' && change({ memoryMib: value })}
        />
      </Group>
      <Text size="sm" aria-live="polite">
        {text.create.vcpus(vcpusOf(draft))}
      </Text>
    </Stack>
  )
}
