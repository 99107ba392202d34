import { AppError } from '#db/errors.ts'

/** What there is to see of a VM. */
export interface ConsoleCalls {
  /** Where the display of a VM can be reached. Throws `failed_precondition` where the VM is stopped, or has no display with a port. */
  findDisplay(vmId: string): Promise<DisplayAddress>
  /**
   * The last lines of the log of a VM's QEMU, oldest first; none of a VM that was never started. Throws
   * `failed_precondition` where the node cannot read it.
   */
  readLog(vmId: string, lines: number): Promise<string[]>
}

export interface DisplayAddress {
  type: 'vnc' | 'spice'
  /** That it listens on. */
  host: string
  port: number
}

export const displayNeedsPower = (): AppError =>
  new AppError('failed_precondition', 'The VM is stopped: it has a display only while it is on. Start it first.', {
    reason: 'VM_IS_STOPPED',
  })

export const noDisplay = (): AppError =>
  new AppError('failed_precondition', 'The VM runs without a display that can be reached. Use its serial console.', {
    reason: 'NO_DISPLAY',
  })
