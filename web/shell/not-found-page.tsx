import { Anchor, Stack, Title } from '@mantine/core'
import { Link } from 'wouter'
import { text } from '../text.ts'

export const NotFoundPage = () => (
  <Stack>
    <Title order={1} size="h2">
      {text.errors.notFound}
    </Title>
    <Anchor component={Link} href="/vms">
      {text.errors.backToList}
    </Anchor>
  </Stack>
)
