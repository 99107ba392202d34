import { createHash } from 'node:crypto'
import { chown, open, rename, rm } from 'node:fs/promises'
import { unlessGone } from '#worker/files.ts'
import type { SeedRequest } from '#worker/hypervisor/port.ts'
import { seedVolume } from '#worker/hypervisor/storage-names.ts'
import { iso9660, readVolumeSet, volumeSetEndsAt } from '#worker/seed/iso9660.ts'
import type { UserIds } from './access.ts'
import { volumePath } from './disks.ts'
import type { StoragePool } from './storage-pool.ts'

interface Deps {
  pool: StoragePool
  qemuUser: UserIds
}

/** What cloud-init looks for among all drives (https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html). */
const label = 'CIDATA'

/**
 * Makes the file of a VM's seed, for QEMU's user alone. The image itself says which revision it is of, so nothing else
 * has to be remembered, or be right.
 */
export async function ensureSeed({ pool, qemuUser }: Deps, { vmId, revision, files }: SeedRequest): Promise<void> {
  const file = volumePath(pool, seedVolume(vmId))
  const volumeSet = createHash('sha256').update(revision).digest('hex').toUpperCase()
  if ((await readBeginning(file).then(readVolumeSet)) === volumeSet) return
  const content = Object.entries(await files()).map(([name, text]) => ({ name, content: Buffer.from(text) }))
  const fresh = `${file}.new`
  await rm(fresh, { force: true })
  const made = await open(fresh, 'wx', 0o600)
  try {
    await made.writeFile(iso9660({ label, volumeSet, files: content }))
    await made.sync()
  } finally {
    await made.close()
  }
  if (process.getuid?.() === 0) await chown(fresh, qemuUser.uid, qemuUser.gid)
  await rename(fresh, file)
}

/** Empty where there is no file. */
async function readBeginning(file: string): Promise<Uint8Array> {
  const opened = await unlessGone(open(file))
  if (!opened) return new Uint8Array()
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(volumeSetEndsAt), 0, volumeSetEndsAt, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await opened.close()
  }
}
