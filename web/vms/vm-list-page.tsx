import {
  Anchor,
  Button,
  Center,
  Group,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
  VisuallyHidden,
} from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { Vm } from '#openapi/sdk/typescript/index.ts'
import { useNodes } from '../data/nodes.ts'
import { useVms } from '../data/vms.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { mib } from '../shell/sizes.ts'
import { text } from '../text.ts'
import { StateBadge } from './state-badge.tsx'
import { VmActions } from './vm-actions.tsx'

const states = ['RUNNING', 'PAUSED', 'STOPPED', 'UNKNOWN', 'FAILED'] as const

/** What is looked for stands in the address, so that it can be shared. */
export function VmListPage() {
  const { data, error, isPending } = useVms()
  const [params, setParams] = useSearchParams()
  const words = params.get('find') ?? ''
  const state = params.get('state')
  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        if (value) after.set(name, value)
        else after.delete(name)
        return after
      },
      { replace: true },
    )
  const found = useMemo(() => (data?.items ?? []).filter((vm) => matches(vm, words, state)), [data, words, state])
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {text.vms.title}
        </Title>
        <Button component={Link} href="/vms/new" leftSection={<IconPlus size={16} aria-hidden />}>
          {text.create.title}
        </Button>
      </Group>
      <Group>
        <TextInput
          aria-label={text.vms.search}
          placeholder={text.vms.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={words}
          onChange={({ currentTarget }) => set('find', currentTarget.value)}
          flex={1}
          miw={200}
        />
        <Select
          aria-label={text.vms.state}
          placeholder={text.vms.allStates}
          data={[...states]}
          value={state}
          onChange={(value) => set('state', value)}
          clearable
          w={160}
        />
      </Group>
      {error && <ErrorNote error={error} />}
      {data &&
        (data.items.length === 0 ? (
          <NoVms />
        ) : found.length === 0 ? (
          <Text>{text.vms.noneMatch}</Text>
        ) : (
          <VmTable vms={found} />
        ))}
      {data?.nextCursor && (
        <Text size="sm" c="dimmed">
          {text.vms.more(data.items.length)}
        </Text>
      )}
      {isPending && !error && <Center mih={120}>…</Center>}
    </Stack>
  )
}

const matches = ({ name, status, labels }: Vm, words: string, state: string | null): boolean => {
  if (state !== null && status.state !== state) return false
  const all = [name, ...(status.ipAddresses ?? []), ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.some((one) => one.toLowerCase().includes(word)))
}

const NoVms = () => (
  <Center mih={240}>
    <Stack align="center">
      <Text fw={600}>{text.vms.empty}</Text>
      <Text size="sm">{text.vms.emptyHint}</Text>
      <Button component={Link} href="/vms/new">
        {text.create.title}
      </Button>
    </Stack>
  </Center>
)

function VmTable({ vms }: { vms: readonly Vm[] }) {
  const nodes = useNodes().data ?? []
  const nodeNames = new Map(nodes.map(({ id, name }) => [id, name]))
  const { columns } = text.vms
  return (
    <Table.ScrollContainer minWidth={860}>
      <Table highlightOnHover verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {Object.values(columns).map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
            <Table.Th>
              <VisuallyHidden>{text.actions.more}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {vms.map((vm) => (
            <Table.Tr key={vm.id}>
              <Table.Td>
                <Anchor component={Link} href={`/vms/${vm.id}`} fw={500}>
                  {vm.name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <StateBadge vm={vm} />
              </Table.Td>
              <Table.Td>{modeTitle(vm)}</Table.Td>
              <Table.Td>
                {vm.spec.cpu.cores * vm.spec.cpu.threadsPerCore} · {mib(vm.spec.memory.sizeMib)}
              </Table.Td>
              <Table.Td>{percent(vm.status.usage?.cpu.percent)}</Table.Td>
              <Table.Td>{vm.status.ipAddresses?.slice(0, 2).join(', ') || text.vms.none}</Table.Td>
              <Table.Td>{nodeNames.get(vm.status.nodeId) ?? text.vms.none}</Table.Td>
              <Table.Td>
                <VmActions vm={vm} compact />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

const percent = (value: number | null | undefined): string =>
  value === null || value === undefined ? text.vms.none : `${Math.round(value)} %`

export const modeTitle = ({ spec: { cpuMode } }: Pick<Vm, 'spec'>): string =>
  cpuMode === 'host-model' || cpuMode === 'host-passthrough' ? text.cpuModes[cpuMode].title : cpuMode
