import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imagesIn } from '#worker/hypervisor/libvirt/images.ts'
import { requireReachable } from '#worker/hypervisor/libvirt/pool-access.ts'

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }

describe.skipIf(!isRoot)(
  `a pool for QEMU's own user${isRoot ? '' : ', skipped: becoming another user needs root'}`,
  () => {
    let directory: string
    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'reach-'))
      await chmod(directory, 0o755)
      await mkdir(path.join(directory, 'closed'), { mode: 0o700 })
    })
    afterAll(() => rm(directory, { recursive: true }))

    test('is made where QEMU can reach it, closed to everybody’s eyes', async () => {
      await requireReachable(nobody, path.join(directory, 'open/pool'))
    })

    test('is refused below a directory that QEMU cannot enter, which is named with the way out', async () => {
      const closed = path.join(directory, 'closed')
      const error = await requireReachable(nobody, path.join(closed, 'deep/pool')).catch((refused) => refused)
      expect(error).toMatchObject({ code: 'failed_precondition', reason: 'POOL_NOT_REACHABLE' })
      expect(error.message).toContain(`cannot enter ${closed},`)
      expect(error.message).toContain(`chmod o+x ${closed}`)
    })

    test('holds for images too: one that QEMU cannot reach is refused before a VM is made of it', async () => {
      const closed = path.join(directory, 'closed')
      await writeFile(path.join(closed, 'base.img'), 'x')
      await expect(imagesIn(closed, nobody).find('baseImage', 'base.img')).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'IMAGES_NOT_REACHABLE',
      })
    })

    test('below it is fine for a QEMU that runs as root', async () => {
      await requireReachable({ uid: 0, gid: 0 }, path.join(directory, 'closed/pool'))
    })
  },
)
