import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { VolumeSource } from '#db/volume-source.ts'
import type { LibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'

export const mib = 2 ** 20
export const never = new AbortController().signal

/** A pool that is a directory of its own on the node, with what tests do in it. */
export async function aPool(node: LibvirtNode, poolId: string, hypervisor = node.hypervisor) {
  const directory = path.join(node.options.poolDirectories[0] ?? '', poolId)
  await hypervisor.initStoragePool({ poolId, source: { type: 'local-dir', path: directory }, secret: null })
  const fileOf = (volumeId: string) => path.join(directory, `${volumeId}.qcow2`)
  return {
    poolId,
    directory,
    fileOf,
    named: (volumeId: string) => ({ poolId, volumeId }),
    make: (volumeId: string, source: VolumeSource = { type: 'empty' }, signal: AbortSignal = never) =>
      hypervisor.createVolume(
        { poolId, volumeId, source, sizeBytes: source.type === 'empty' ? 8 * mib : null },
        signal,
      ),
    ids: async () => (await hypervisor.listVolumes(poolId)).map(({ volumeId }) => volumeId),
    /** Fills the beginning of a volume with one byte. */
    write: (volumeId: string, value: number, sizeMib: number) =>
      execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${value} 0 ${sizeMib}M`, fileOf(volumeId)]),
    /** Throws where the two do not hold the same. */
    compare: (volumeId: string, file: string) => execFileSync('qemu-img', ['compare', '-U', fileOf(volumeId), file]),
  }
}

/** A raw image in which every byte is this one. */
export const fillImage = (file: string, value: number, sizeMib: number) => {
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', file, `${sizeMib}M`])
  execFileSync('qemu-io', ['-f', 'raw', '-c', `write -P ${value} 0 ${sizeMib}M`, file])
}
