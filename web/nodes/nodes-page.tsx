import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core'
import type { Node } from '#openapi/sdk/typescript/index.ts'
import { useNodes } from '../data/nodes.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { bytes, mib } from '../shell/sizes.ts'
import { text } from '../text.ts'

/** The hypervisor hosts, and what each can run. */
export function NodesPage() {
  const { data, error } = useNodes()
  return (
    <Stack>
      <Title order={1} size="h2">
        {text.nav.nodes}
      </Title>
      {error && <ErrorNote error={error} />}
      {data?.length === 0 && <Text>{text.nodes.none}</Text>}
      {data?.map((node) => (
        <NodeCard key={node.id} node={node} />
      ))}
    </Stack>
  )
}

const NodeCard = ({ node }: { node: Node }) => (
  <Card withBorder>
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {node.name}
        </Title>
        <Badge variant="light" color={node.status.phase === 'READY' ? 'green' : 'orange'}>
          {node.status.phase}
        </Badge>
      </Group>
      <Text size="sm">
        {text.nodes.size(node.cpuCount, mib(node.memoryMib))}
        {node.storageFreeBytes !== null && ` · ${text.nodes.free(bytes(node.storageFreeBytes))}`}
      </Text>
      <Text size="sm" c="dimmed">
        {text.nodes.software(node.hypervisor, node.libvirtVersion, node.qemuVersion)}
      </Text>
      {node.cpuModes.map(({ mode, title, supported, message }) => (
        <Group key={mode} gap="xs" wrap="nowrap" align="flex-start">
          <Badge variant="light" color={supported ? 'green' : 'gray'} miw={60}>
            {supported ? text.yes : text.no}
          </Badge>
          <Text size="sm">
            {title}
            {message && `: ${message}`}
          </Text>
        </Group>
      ))}
    </Stack>
  </Card>
)
