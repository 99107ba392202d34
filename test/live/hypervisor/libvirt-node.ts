import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { type LibvirtHost, startLibvirtHost } from '#infra/libvirt-host.ts'
import { writeImage } from '#test/support/image-files.ts'
import { openLibvirtHypervisor } from '#worker/hypervisor/libvirt/open.ts'
import type { LibvirtOptions } from '#worker/hypervisor/libvirt/options.ts'
import { connectLibvirt, type LibvirtConnection } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'

/** A libvirt host with the adapter on it, and a connection of its own to look behind the adapter's back. */
export interface LibvirtNode {
  host: LibvirtHost
  options: LibvirtOptions
  hypervisor: Hypervisor
  connection: LibvirtConnection
  /** What was logged as a warning. */
  warnings: string[]
  addImage(name: string, sizeBytes: number): Promise<void>
  /** A worker that starts again: another adapter on the same node. */
  reopen(parts?: Partial<LibvirtOptions>): Promise<Hypervisor>
  close(): Promise<void>
}

export async function startLibvirtNode(parts: Partial<LibvirtOptions> = {}): Promise<LibvirtNode> {
  const host = await startLibvirtHost()
  const warnings: string[] = []
  const options: LibvirtOptions = {
    uri: host.uri,
    nodeId: randomUUID(),
    poolDirectory: path.join(host.directory, 'pool'),
    imagesDirectory: path.join(host.directory, 'images'),
    poolDirectories: [path.join(host.directory, 'pools')],
    stateDirectory: path.join(host.directory, 'state'),
    logDirectory: path.join(host.directory, 'log/qemu'),
    virtType: 'auto',
    cpuFeatures: [],
    log: { info: () => {}, warn: (_, message) => warnings.push(message) },
    ...parts,
  }
  await mkdir(options.imagesDirectory)
  const opened: Hypervisor[] = []
  const reopen = async (changed: Partial<LibvirtOptions> = {}) => {
    const hypervisor = await openLibvirtHypervisor({ ...options, ...changed })
    opened.push(hypervisor)
    return hypervisor
  }
  const connection = await connectLibvirt(host.uri)
  return {
    host,
    options,
    hypervisor: await reopen(),
    connection,
    warnings,
    addImage: (name, sizeBytes) => writeImage(path.join(options.imagesDirectory, name), sizeBytes),
    reopen,
    async close() {
      for (const hypervisor of opened) await hypervisor.close()
      await connection.close()
      await host.stop()
    },
  }
}
