import { AppError } from '#db/errors.ts'
import { findDomain, isStartingUp, readState } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ErrorCode } from './rpc/constants.gen.ts'
import { isLibvirtError } from './rpc/errors.ts'
import type { Domain } from './rpc/protocol.gen.ts'

/**
 * What to say when libvirt did not come to what it was asked of a VM: libvirt (9.0, and 11.3) never again does anything with a
 * domain whose status it wrote down before its QEMU had a process id. Resolves to the error itself for any other reason.
 */
export async function explainHalfStarted(
  connection: LibvirtConnection,
  vmId: string,
  error: unknown,
): Promise<unknown> {
  if (!isBusy(error)) return error
  try {
    const dom = await findDomain(connection, vmId)
    return dom && isStartingUp(await readState(connection, dom)) ? halfStarted(dom, error) : error
  } catch {
    return error
  }
}

const isBusy = (error: unknown): boolean =>
  isLibvirtError(error, ErrorCode.OPERATION_TIMEOUT) ||
  (error instanceof AppError && error.reason === 'HYPERVISOR_BUSY')

const halfStarted = ({ name }: Domain, cause: unknown): AppError =>
  new AppError(
    'unavailable',
    'libvirt is still starting the VM. If it stays so, a libvirtd was killed in the middle of the start, and cannot go on: ' +
      `on the node, stop libvirtd (or virtqemud), remove /run/libvirt/qemu/${name}.xml, and start libvirtd.`,
    { reason: 'VM_HALF_STARTED', cause },
  )
