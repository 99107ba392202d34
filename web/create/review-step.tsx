import { Accordion, Button, Code, CopyButton, Group, Stack, Table } from '@mantine/core'
import { mib } from '../shell/sizes.ts'
import { text } from '../text.ts'
import { asCurl, asTypeScript } from './as-code.ts'
import { type Draft, requestOf, vcpusOf } from './draft.ts'

export function ReviewStep({ draft }: { draft: Draft }) {
  const request = requestOf(draft)
  const shown = {
    ...request,
    spec: { ...request.spec, ...(draft.userData !== null && { cloudInit: { userData: '…' } }) },
  }
  const { origin } = window.location
  return (
    <Stack>
      <Table variant="vertical" withTableBorder>
        <Table.Tbody>
          {rowsOf(draft).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={180}>{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Accordion variant="contained">
        <Accordion.Item value="code">
          <Accordion.Control>{text.create.advanced}</Accordion.Control>
          <Accordion.Panel>
            <Snippet title={text.create.asCurl} code={asCurl(origin, shown)} />
            <Snippet title={text.create.asSdk} code={asTypeScript(origin, shown)} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  )
}

const rowsOf = (draft: Draft): [name: string, value: string][] => [
  [text.create.name, draft.name],
  [text.create.guestOs, draft.guestOs],
  [text.cpuModes.legend, text.cpuModes[draft.cpuMode].review],
  [text.vms.vcpus, text.create.vcpus(vcpusOf(draft))],
  [text.vms.memory, mib(draft.memoryMib)],
  [text.create.bootFrom, draft.image ?? text.create.emptyDisk],
  [text.create.diskSize, draft.diskSizes.map((size) => size ?? text.create.sizeOfImage).join(', ')],
  [text.create.network, draft.network.kind === 'none' ? text.create.noNetwork : draft.network.name],
  [text.create.cloudInit, draft.userData === null ? text.no : text.yes],
  [text.create.startAfter, draft.startAfter ? text.yes : text.no],
]

const Snippet = ({ title, code }: { title: string; code: string }) => (
  <Stack gap={4} mb="sm">
    <Group justify="space-between">
      <b>{title}</b>
      <CopyButton value={code}>
        {({ copied, copy }) => (
          <Button size="compact-sm" variant="default" onClick={copy}>
            {copied ? text.create.copied : text.create.copy}
          </Button>
        )}
      </CopyButton>
    </Group>
    <Code block tabIndex={0}>
      {code}
    </Code>
  </Stack>
)
