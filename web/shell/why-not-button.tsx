import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AllowedAction } from '#openapi/sdk/typescript/index.ts'

interface WhyNotButtonProps extends Pick<ButtonProps, 'size' | 'loading' | 'disabled'> {
  action: AllowedAction
  onClick(): void
  children: ReactNode
}

/** A button of something that may not be possible now: it is shown then, takes focus, and says why. */
export const WhyNotButton = ({
  action: { allowed, message },
  disabled,
  onClick,
  children,
  ...rest
}: WhyNotButtonProps) => (
  <Tooltip label={message} disabled={allowed} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
    <Button
      variant="default"
      // `disabled` would take the focus from it, and with it the reason from who uses the keyboard.
      aria-disabled={!allowed}
      {...(!allowed && { 'data-disabled': true })}
      disabled={disabled}
      onClick={() => allowed && onClick()}
      {...rest}
    >
      {children}
    </Button>
  </Tooltip>
)
