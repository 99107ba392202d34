import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { vi } from 'vitest'
import { buildGuestIso } from '#infra/guest/build.ts'
import { qemu } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aRunningVm, domainOf } from '../hypervisor/node-vms.ts'

/** A VM in which a Linux runs, with a file system on its disk below /disk. */
export interface LinuxGuest {
  vmId: string
  /** Waits until the guest answers; a boot takes 4 s on an idle machine. */
  isUp(): Promise<void>
  /** Runs a shell script in the guest; resolves to what it printed, without the last line break. Throws when it fails. */
  sh(script: string): Promise<string>
}

/** What a VM needs for the Linux to run in it. */
export const linuxSpec = {
  memory: { sizeMib: 256 },
  disks: [{ sizeGib: 1 }],
  cdroms: [{ iso: 'guest.iso' }],
}

/** Puts the Linux among the node's images. */
export async function addLinuxIso({ options }: Pick<LibvirtNode, 'options'>): Promise<void> {
  const cacheDirectory = path.join(import.meta.dirname, '../../../.cache/guest')
  await copyFile(await buildGuestIso({ cacheDirectory }), path.join(options.imagesDirectory, 'guest.iso'))
}

export async function startLinuxGuest(node: LibvirtNode): Promise<LinuxGuest> {
  await addLinuxIso(node)
  const guest = linuxGuest(node, await aRunningVm(node, linuxSpec))
  await guest.isUp()
  return guest
}

/** The guest of a VM that was started with the Linux. */
export function linuxGuest(node: Pick<LibvirtNode, 'connection'>, vmId: string): LinuxGuest {
  async function ask<T>(execute: string, args: object): Promise<T> {
    const cmd = JSON.stringify({ execute, arguments: args })
    const dom = await domainOf(node, vmId)
    const { result } = await node.connection.call(qemu.domainAgentCommand, { dom, cmd, timeout: 20, flags: 0 })
    return JSON.parse(result ?? '{}').return
  }

  interface Ended {
    exited: boolean
    exitcode?: number
    'out-data'?: string
    'err-data'?: string
  }

  async function sh(script: string): Promise<string> {
    const run = { path: '/bin/busybox', arg: ['sh', '-c', script], 'capture-output': true }
    const { pid } = await ask<{ pid: number }>('guest-exec', run)
    const ended = await vi.waitFor(
      async () => {
        const status = await ask<Ended>('guest-exec-status', { pid })
        if (!status.exited) throw new Error(`the guest still runs: ${script}`)
        return status
      },
      { timeout: 30_000, interval: 20 },
    )
    const text = (data = '') => Buffer.from(data, 'base64').toString().trimEnd()
    if (ended.exitcode !== 0) throw new Error(`in the guest, ${script} failed: ${text(ended['err-data'])}`)
    return text(ended['out-data'])
  }

  return {
    vmId,
    sh,
    // The file system is mounted before the agent starts.
    async isUp() {
      await vi.waitFor(() => sh("grep -q ' /disk ' /proc/mounts"), { timeout: 90_000, interval: 200 })
    },
  }
}
