import { Alert, Anchor, Group, Loader, Stack, Table, Tabs, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { Vm } from '#openapi/sdk/typescript/index.ts'
import { useNodes } from '../data/nodes.ts'
import { ApiError } from '../data/request.ts'
import { useVm } from '../data/vms.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { mib } from '../shell/sizes.ts'
import { SnapshotsPanel } from '../snapshots/snapshots-panel.tsx'
import { text } from '../text.ts'
import { HistoryPanel } from './history-panel.tsx'
import { StateBadge } from './state-badge.tsx'
import { VmActions } from './vm-actions.tsx'
import { modeTitle } from './vm-list-page.tsx'

/** One VM. */
export function VmPage({ vmId }: { vmId: string }) {
  const { data: vm, error } = useVm(vmId)
  return (
    <Stack>
      <Anchor component={Link} href="/vms" size="sm">
        {text.errors.backToList}
      </Anchor>
      {error instanceof ApiError && error.status === 404 ? (
        <Text>{text.vms.gone}</Text>
      ) : vm ? (
        <Overview vm={vm} />
      ) : error ? (
        <ErrorNote error={error} />
      ) : (
        <Loader />
      )}
    </Stack>
  )
}

function Overview({ vm }: { vm: Vm }) {
  const { status } = vm
  const [params, setParams] = useSearchParams()
  const tab = params.get('tab') ?? 'overview'
  const setTab = (value: string) => setParams({ tab: value }, { replace: true })
  return (
    <>
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h2">
            {vm.name}
          </Title>
          <StateBadge vm={vm} />
        </Group>
        <VmActions vm={vm} />
      </Group>
      {status.message !== '' && (
        <Alert color="yellow" role="status">
          {status.message}
        </Alert>
      )}
      {status.pendingRestart && (
        <Alert color="blue" role="status" title={text.vms.pendingRestart}>
          {status.pendingFields.join(', ')}
        </Alert>
      )}
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'overview')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">{text.vms.overview}</Tabs.Tab>
          <Tabs.Tab value="snapshots">{text.snapshots.title}</Tabs.Tab>
          <Tabs.Tab value="history">{text.vms.history}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Facts vm={vm} />
        </Tabs.Panel>
        <Tabs.Panel value="snapshots">
          <SnapshotsPanel vm={vm} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryPanel vmId={vm.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Facts({ vm }: { vm: Vm }) {
  const node = useNodes().data?.find(({ id }) => id === vm.status.nodeId)
  const { status, spec } = vm
  return (
    <Table variant="vertical" withTableBorder>
      <Table.Tbody>
        <Row name={text.vms.declared}>{modeTitle(vm)}</Row>
        <Row name={text.vms.cpuNow}>{status.effectiveCpuMode ?? text.vms.stopped}</Row>
        <Row name={text.vms.vcpus}>{spec.cpu.cores * spec.cpu.threadsPerCore}</Row>
        <Row name={text.vms.memory}>{mib(spec.memory.sizeMib)}</Row>
        <Row name={text.vms.node}>{node?.name ?? status.nodeId}</Row>
        <Row name={text.vms.addresses}>{status.ipAddresses?.join(', ') || text.vms.none}</Row>
        <Row name={text.vms.started}>
          {status.startedAt ? new Date(status.startedAt).toLocaleString() : text.vms.none}
        </Row>
        <Row name={text.vms.created}>{new Date(vm.createdAt).toLocaleString()}</Row>
      </Table.Tbody>
    </Table>
  )
}

const Row = ({ name, children }: { name: string; children: ReactNode }) => (
  <Table.Tr>
    <Table.Th w={200}>{name}</Table.Th>
    <Table.Td>{children}</Table.Td>
  </Table.Tr>
)
