import { notifications } from '@mantine/notifications'
import { text } from '../text.ts'

/** Tells of a failure that no place of the page shows. */
export const showError = (error: Error): void =>
  void notifications.show({ color: 'red', title: text.errors.failed, message: error.message, autoClose: false })
