import { Badge, Group, Stack, Text, Timeline, Title } from '@mantine/core'
import { useVmEvents } from '../data/operations.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { text } from '../text.ts'

const colors = { info: 'blue', warning: 'orange', error: 'red' } as const

/** What happened to a VM, and who did it. */
export function HistoryPanel({ vmId }: { vmId: string }) {
  const { data, error } = useVmEvents(vmId)
  return (
    <Stack>
      <Title order={2} size="h4">
        {text.vms.history}
      </Title>
      {error && <ErrorNote error={error} />}
      <Timeline bulletSize={12} lineWidth={2}>
        {data?.map(({ id, severity, actor, message, createdAt }) => (
          <Timeline.Item key={id} color={colors[severity]}>
            <Group gap="xs">
              <Text size="sm">{message}</Text>
              <Badge variant="outline" size="sm">
                {actor}
              </Badge>
            </Group>
            <Text size="xs" c="dimmed">
              {new Date(createdAt).toLocaleString()}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  )
}
