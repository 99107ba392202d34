import { open } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectImage } from '#worker/images/inspect/inspect-image.ts'
import { readSample, sampleHeadBytes, sampleTailBytes } from '#worker/images/inspect/sample.ts'
import { bytesAt, sampleOf } from './image-bytes.ts'
import { mutatedQcow2, textImage } from './mutations.ts'

/** What one run does not get to, the next one does. */
const bound = { numRuns: 10_000, interruptAfterTimeLimit: 3_000, markInterruptAsFailure: false }

const content = fc.oneof(
  mutatedQcow2,
  textImage,
  fc.tuple(mutatedQcow2, fc.nat(0x10000)).map(([head, bytes]) => head.subarray(0, bytes)),
  fc.uint8Array({ maxLength: 4096 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), bytes])),
  fc.uint8Array({ minLength: 64, maxLength: 600 }).map((bytes) => {
    const image = bytesAt([[0x8001, 'CD001']])
    image.set(bytes)
    return image
  }),
)

describe('whatever is in a file', () => {
  test('it is an image of a size that a VM can have, or refused with a reason', () => {
    const reasons = new Set<string>()
    fc.assert(
      fc.property(content, fc.maxSafeNat(), fc.boolean(), (bytes, fileBytes, asLarge) => {
        const sample = sampleOf(bytes)
        const found = inspectImage(asLarge ? { ...sample, fileBytes } : sample, ['qcow2', 'raw', 'iso'])
        if ('reason' in found) {
          reasons.add(found.reason)
          expect(found.message).toMatch(/^(it|its|the) [^.]/)
          return
        }
        reasons.add(found.format)
        expect(found.virtualSizeBytes).toBeGreaterThan(0)
        expect(found.virtualSizeBytes).toBeLessThanOrEqual(2 ** 46)
      }),
      bound,
    )
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'qcow2',
        'raw',
        'iso',
        'IMAGE_HAS_BACKING_FILE',
        'IMAGE_HAS_DATA_FILE',
        'IMAGE_MALFORMED',
      ]),
    )
  })

  test('no more of it is read than its head and its tail', async () => {
    const handle = await open('/dev/zero')
    let bytesRead = 0
    const counted = new Proxy(handle, {
      get: (target, name: keyof typeof handle) => {
        if (name === 'stat') return async () => ({ size: 2 ** 50 })
        if (name !== 'read') return target[name]
        return (buffer: Buffer, offset: number, length: number, position: number) => {
          bytesRead += length
          return target.read(buffer, offset, length, position)
        }
      },
    })
    try {
      const { head, tail } = await readSample(counted)
      expect([head.length, tail.length, bytesRead]).toEqual([
        sampleHeadBytes,
        sampleTailBytes,
        sampleHeadBytes + sampleTailBytes,
      ])
    } finally {
      await handle.close()
    }
  })
})
