import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameError, FrameSplitter } from '#worker/hypervisor/libvirt/rpc/frame.ts'
import { message, remoteProgram, word } from './wire.ts'

function split(chunks: Buffer[]): string[] {
  const frames: string[] = []
  const splitter = new FrameSplitter((buffer, start, end) => frames.push(buffer.toString('hex', start, end)))
  for (const chunk of chunks) splitter.push(chunk)
  return frames
}

const header = { program: remoteProgram, procedure: 14, type: 1, serial: 1, status: 0 }

test('messages come out whole, however the stream is cut', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 })
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(60)), (bodies, cuts) => {
      const messages = bodies.map((body, serial) => message({ ...header, serial }, Buffer.from(body)))
      const stream = Buffer.concat(messages)
      const chunks: Buffer[] = []
      let start = 0
      for (const size of cuts) {
        chunks.push(stream.subarray(start, start + size))
        start += size
      }
      chunks.push(stream.subarray(start))
      expect(split(chunks)).toEqual(messages.map((bytes) => bytes.toString('hex', 4)))
    }),
  )
})

test('a message of the largest size passes, and of one byte more does not', () => {
  const largest = 33_554_432 // VIR_NET_MESSAGE_MAX, which does not count the length word
  expect(split([word(4 + largest), Buffer.alloc(largest)])).toHaveLength(1)
  expect(() => split([word(5 + largest)])).toThrow(FrameError)
})

test.each([0, 4, 27])('a length of %i, less than a header has, is refused', (length) => {
  expect(() => split([word(length)])).toThrow(FrameError)
})

test('the length is checked before the bytes are waited for, also when it comes byte by byte', () => {
  const [first, ...rest] = [...word(0x7fff_ffff)].map((byte) => Buffer.from([byte]))
  expect(() => split([first as Buffer, ...rest])).toThrow(FrameError)
})
