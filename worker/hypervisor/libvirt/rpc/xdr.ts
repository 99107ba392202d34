/** A message that does not follow the protocol, or a value that it cannot carry. */
export class XdrError extends Error {
  override readonly name = 'XdrError'
}

const initialBytes = 4096

/** A growing buffer of big-endian XDR (RFC 4506). Used for one message after another: `reset` keeps the memory. */
export class XdrWriter {
  #buffer = Buffer.allocUnsafe(initialBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Drops what was written after `length`. */
  truncate(length: number): void {
    this.#length = length
  }

  /** A copy of what was written. */
  copy(): Buffer {
    const copy = Buffer.allocUnsafe(this.#length)
    this.#buffer.copy(copy, 0, 0, this.#length)
    return copy
  }

  word(value: number): void {
    this.#ensure(4)
    this.#put(this.#length, value)
    this.#length += 4
  }

  /** Overwrites a word written before, as a length that is known only afterwards. */
  patch(offset: number, value: number): void {
    this.#put(offset, value)
  }

  long(value: bigint): void {
    this.#ensure(8)
    this.#length = this.#buffer.writeBigUInt64BE(BigInt.asUintN(64, value), this.#length)
  }

  double(value: number): void {
    this.#ensure(8)
    this.#length = this.#buffer.writeDoubleBE(value, this.#length)
  }

  /** Length, UTF-8 bytes, padding. Throws XdrError above `maxBytes` and on NUL, where libvirt's C strings would end. */
  string(value: string, maxBytes: number): void {
    if (value.includes('\0')) throw new XdrError('a string for libvirt cannot hold a NUL character')
    const bytes = Buffer.byteLength(value)
    if (bytes > maxBytes) throw new XdrError(`a string of ${bytes} bytes is over the limit of ${maxBytes}`)
    this.word(bytes)
    this.#ensure(bytes + 3)
    this.#buffer.write(value, this.#length, bytes, 'utf8')
    this.#length += bytes
    this.#pad(bytes)
  }

  /** Length, bytes, padding. Throws XdrError above `maxBytes`. */
  opaque(value: Uint8Array, maxBytes: number): void {
    if (value.length > maxBytes) throw new XdrError(`${value.length} bytes are over the limit of ${maxBytes}`)
    this.word(value.length)
    this.#ensure(value.length + 3)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
    this.#pad(value.length)
  }

  hex(value: string, bytes: number): void {
    this.#ensure(bytes)
    if (this.#buffer.write(value, this.#length, bytes, 'hex') !== bytes) throw new XdrError(`not hexadecimal: ${value}`)
    this.#length += bytes
  }

  #pad(bytes: number): void {
    for (let count = -bytes & 3; count > 0; count--) this.#buffer[this.#length++] = 0
  }

  #put(offset: number, value: number): void {
    this.#buffer[offset] = value >>> 24
    this.#buffer[offset + 1] = value >>> 16
    this.#buffer[offset + 2] = value >>> 8
    this.#buffer[offset + 3] = value
  }

  #ensure(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}

/** Reads XDR from a part of a buffer; every read throws XdrError rather than pass its end. */
export class XdrReader {
  readonly #buffer: Buffer
  readonly #end: number
  #offset: number

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer
    this.#offset = start
    this.#end = end
  }

  get remaining(): number {
    return this.#end - this.#offset
  }

  int(): number {
    return this.#buffer.readInt32BE(this.#take(4))
  }

  uint(): number {
    return this.#buffer.readUInt32BE(this.#take(4))
  }

  long(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8))
  }

  ulong(): bigint {
    return this.#buffer.readBigUInt64BE(this.#take(8))
  }

  double(): number {
    return this.#buffer.readDoubleBE(this.#take(8))
  }

  string(maxBytes: number): string {
    const bytes = this.uint()
    if (bytes > maxBytes) throw new XdrError(`a string of ${bytes} bytes is over the limit of ${maxBytes}`)
    const start = this.#take(bytes)
    this.#take(-bytes & 3)
    return this.#buffer.toString('utf8', start, start + bytes)
  }

  /** A copy. */
  opaque(maxBytes: number): Uint8Array {
    const bytes = this.uint()
    if (bytes > maxBytes) throw new XdrError(`${bytes} bytes are over the limit of ${maxBytes}`)
    const start = this.#take(bytes)
    this.#take(-bytes & 3)
    return new Uint8Array(this.#buffer.subarray(start, start + bytes))
  }

  /** Fixed opaque data as hexadecimal digits. */
  hex(bytes: number): string {
    const start = this.#take(bytes)
    return this.#buffer.toString('hex', start, start + bytes)
  }

  #take(bytes: number): number {
    const start = this.#offset
    if (bytes > this.#end - start) throw new XdrError(`${bytes} bytes wanted, ${this.remaining} left`)
    this.#offset = start + bytes
    return start
  }
}
