import { Badge, Stack, Table, Text, Title } from '@mantine/core'
import type { Image } from '#openapi/sdk/typescript/index.ts'
import { useImages, useNodes } from '../data/nodes.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { bytes } from '../shell/sizes.ts'
import { text } from '../text.ts'

/** What VMs can be made from, and the files that cannot be used, with the reason. */
export function ImagesPage() {
  const { data, error } = useImages()
  return (
    <Stack>
      <Title order={1} size="h2">
        {text.nav.images}
      </Title>
      {error && <ErrorNote error={error} />}
      {data?.length === 0 && <Text>{text.images.none}</Text>}
      {data && data.length > 0 && <ImageTable images={data} />}
    </Stack>
  )
}

function ImageTable({ images }: { images: readonly Image[] }) {
  const nodeNames = new Map(useNodes().data?.map(({ id, name }) => [id, name]))
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {Object.values(text.images.columns).map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {images.map((image) => (
            <Table.Tr key={image.id}>
              <Table.Td>
                {image.name}
                {image.problem && (
                  <Text size="xs" c="red">
                    {text.images.problem(image.problem.message)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Badge variant="light" color={image.problem ? 'red' : image.state === 'READY' ? 'green' : 'blue'}>
                  {image.problem ? text.images.unusable : image.state}
                </Badge>
              </Table.Td>
              <Table.Td>{image.format ?? text.vms.none}</Table.Td>
              <Table.Td>{image.sizeBytes === null ? text.vms.none : bytes(image.sizeBytes)}</Table.Td>
              <Table.Td>{image.virtualSizeBytes === null ? text.vms.none : bytes(image.virtualSizeBytes)}</Table.Td>
              <Table.Td>{nodeNames.get(image.nodeId) ?? text.vms.none}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
