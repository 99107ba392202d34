import { headerBytes, messageBytesMax } from './protocol.gen.ts'

export const lengthBytes = 4

/** A stream of bytes that is no stream of libvirt messages. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/**
 * Cuts a stream into messages. A message that lies in one chunk is handed on where it is, without copying;
 * one that is spread over many is put together once, when its end has come.
 */
export class FrameSplitter {
  readonly #onFrame: (buffer: Buffer, start: number, end: number) => void
  #parts: Buffer[] = []
  #partBytes = 0
  /** Of the message begun, its length word included; 0 while that is not known. */
  #wanted = 0

  /** `onFrame` gets a message without its length word; the bytes are its own only until it returns. */
  constructor(onFrame: (buffer: Buffer, start: number, end: number) => void) {
    this.#onFrame = onFrame
  }

  /** Throws FrameError on a length that no message has, before any of its bytes is kept. */
  push(chunk: Buffer): void {
    if (this.#partBytes === 0) {
      this.#cut(chunk)
      return
    }
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
    if (this.#partBytes < this.#wanted) return
    const whole = Buffer.concat(this.#parts, this.#partBytes)
    this.#parts = []
    this.#partBytes = 0
    this.#cut(whole)
  }

  #cut(buffer: Buffer): void {
    let start = 0
    this.#wanted = 0
    while (buffer.length - start >= lengthBytes) {
      const length = buffer.readUInt32BE(start)
      if (length < lengthBytes + headerBytes || length > lengthBytes + messageBytesMax) {
        throw new FrameError(`a message cannot have ${length} bytes`)
      }
      this.#wanted = length
      if (buffer.length - start < length) break
      this.#onFrame(buffer, start + lengthBytes, start + length)
      start += length
      this.#wanted = 0
    }
    if (start === buffer.length) return
    this.#parts = [start === 0 ? buffer : buffer.subarray(start)]
    this.#partBytes = buffer.length - start
  }
}
