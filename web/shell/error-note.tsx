import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { ApiError } from '../data/request.ts'
import { text } from '../text.ts'

/** What went wrong, whole: the API says what to do. */
export const ErrorNote = ({ error, title = text.errors.failed }: { error: Error; title?: string }) => (
  <Alert color="red" title={title} icon={<IconAlertTriangle aria-hidden />} role="alert">
    <Stack gap={4}>
      <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
        {error.message}
      </Text>
      {error instanceof ApiError && error.body && (
        <Text size="xs" c="dimmed">
          {text.errors.requestId(error.body.requestId)}
        </Text>
      )}
    </Stack>
  </Alert>
)
