import { Badge, Group, Loader, Tooltip } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { Vm } from '#openapi/sdk/typescript/index.ts'
import { text } from '../text.ts'

const colors: Partial<Record<Vm['status']['state'], string>> = {
  RUNNING: 'green',
  PAUSED: 'yellow',
  STOPPED: 'gray',
  FAILED: 'red',
  UNKNOWN: 'orange',
}

/** The state of a VM, with what goes on and what there is to know. */
export const StateBadge = ({ vm: { status, operation } }: { vm: Vm }) => (
  <Group gap={6} wrap="nowrap">
    <Badge variant="light" color={colors[status.state] ?? 'blue'} miw={84}>
      {status.state}
    </Badge>
    {operation && <Loader size={14} role="img" aria-label={text.vms.goingOn(operation.kind)} />}
    {status.message !== '' && (
      <Tooltip label={status.message} multiline maw={420}>
        <IconAlertTriangle size={16} role="img" aria-label={status.message} tabIndex={0} />
      </Tooltip>
    )}
  </Group>
)
