import { Badge, Group, List, Radio, SimpleGrid, Text, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import type { Node } from '#openapi/sdk/typescript/index.ts'
import { text } from '../text.ts'
import classes from './cpu-mode-cards.module.css'
import type { CpuMode } from './draft.ts'

const modes = ['host-model', 'host-passthrough'] as const satisfies CpuMode[]

interface CpuModeCardsProps {
  value: CpuMode
  onChange(mode: CpuMode): void
  /** Undefined while they are not known: then nothing is refused. */
  nodes: readonly Node[] | undefined
}

/** The choice of each VM, with what it means. */
export const CpuModeCards = ({ value, onChange, nodes }: CpuModeCardsProps) => (
  <Radio.Group value={value} onChange={(mode) => onChange(mode as CpuMode)} label={text.cpuModes.legend}>
    <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs">
      {modes.map((mode) => (
        <Card key={mode} mode={mode} obstacle={obstacleOf(nodes, mode)} />
      ))}
    </SimpleGrid>
  </Radio.Group>
)

function Card({ mode, obstacle }: { mode: CpuMode; obstacle: string | null }) {
  const { title, points, bestFor } = text.cpuModes[mode]
  return (
    <Radio.Card
      value={mode}
      disabled={obstacle !== null}
      className={classes.card}
      p="md"
      aria-label={title}
      aria-describedby={`about-${mode}`}
    >
      <Group wrap="nowrap" align="flex-start">
        <Radio.Indicator mt={2} />
        <div id={`about-${mode}`}>
          <Group gap="xs">
            <Text fw={600}>{title}</Text>
            {mode === 'host-model' && <Badge variant="light">{text.cpuModes.recommended}</Badge>}
          </Group>
          <List spacing={2} mt="xs" size="sm" center>
            {points.map((point) => (
              <List.Item
                key={point.text}
                icon={
                  point.good ? (
                    <IconCheck size={16} color="var(--mantine-color-green-text)" aria-hidden />
                  ) : (
                    <IconX size={16} color="var(--mantine-color-red-text)" aria-hidden />
                  )
                }
              >
                <VisuallyHidden>{point.good ? text.cpuModes.yes : text.cpuModes.no}</VisuallyHidden>
                {point.text}
              </List.Item>
            ))}
          </List>
          <Text size="sm" mt="xs">
            {text.cpuModes.bestFor} {bestFor}
          </Text>
          {obstacle !== null && (
            <Text size="sm" mt="xs" c="red">
              {text.cpuModes.notAvailable} {obstacle}
            </Text>
          )}
        </div>
      </Group>
    </Radio.Card>
  )
}

/** Why no node can run the mode; null where one can. */
function obstacleOf(nodes: readonly Node[] | undefined, mode: CpuMode): string | null {
  const found = nodes?.map(({ cpuModes }) => cpuModes.find((support) => support.mode === mode))
  if (!found || found.length === 0 || found.some((support) => support?.supported)) return null
  return found.find((support) => support?.message)?.message ?? ''
}
