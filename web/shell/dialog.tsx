import { Group, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { text } from '../text.ts'

interface DialogProps {
  title: string
  close(): void
  size?: 'md' | 'lg'
  children: ReactNode
}

/** A question over the page. Its head is no `header`: the page's own is the only banner. */
export const Dialog = ({ title, close, size = 'md', children }: DialogProps) => (
  <Modal.Root opened onClose={close} size={size}>
    <Modal.Overlay />
    <Modal.Content>
      <Group justify="space-between" p="md" pb={0} wrap="nowrap">
        <Modal.Title fw={600}>{title}</Modal.Title>
        <Modal.CloseButton aria-label={text.close} />
      </Group>
      <Modal.Body pt="sm">{children}</Modal.Body>
    </Modal.Content>
  </Modal.Root>
)
