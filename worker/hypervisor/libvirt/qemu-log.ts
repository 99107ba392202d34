import { type FileHandle, open, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { imageOpenFlags } from '#worker/images/require-image.ts'
import { hadQemu, requireDomain } from './domain.ts'
import { lastLines } from './last-lines.ts'
import type { LibvirtConnection } from './rpc/connection.ts'

interface Deps {
  connection: LibvirtConnection
  /** Where libvirt keeps the logs. */
  directory: string
}

/**
 * The end of the log that libvirt keeps of a VM's QEMU, a file named as the domain. That name may be anybody's: it is only
 * compared with what the directory lists, and no link is followed. What is secret is not in it: libvirt gives that to QEMU
 * sealed, or over its monitor.
 */
export async function readLog({ connection, directory }: Deps, vmId: string, lines: number): Promise<string[]> {
  const dom = await requireDomain(connection, vmId)
  const file = await openLog(directory, `${dom.name}.log`)
  if (!file) {
    if (hadQemu(dom)) throw notReadable(directory, 'it has no file for this VM, which runs')
    return []
  }
  try {
    return await lastLines(file, lines)
  } finally {
    await file.close()
  }
}

/** Where a libvirtd keeps them that was not told otherwise: `logDir` in libvirt's src/qemu/qemu_conf.c. */
export const defaultLogDirectory = (uri: string): string =>
  uri.includes('/session') ? path.join(homedir(), '.cache/libvirt/qemu/log') : '/var/log/libvirt/qemu'

/** Null where there is none. */
async function openLog(directory: string, name: string): Promise<FileHandle | null> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    const entry = entries.find((found) => found.name === name && found.isFile())
    return entry ? await open(path.join(directory, entry.name), imageOpenFlags) : null
  } catch (error) {
    throw notReadable(directory, (error as Error).message)
  }
}

const notReadable = (directory: string, why: string): AppError =>
  new AppError(
    'failed_precondition',
    `The worker cannot read the VM's log in ${directory}: ${why}. Let it read there, or say with QUANTIX_QEMU_LOGS where libvirt keeps the logs.`,
    { reason: 'LOG_NOT_READABLE' },
  )
