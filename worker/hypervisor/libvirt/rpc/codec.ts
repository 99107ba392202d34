import { XdrError, type XdrReader, type XdrWriter } from './xdr.ts'

/** How one type of the protocol is written and read. */
export interface Codec<T> {
  encode(writer: XdrWriter, value: T): void
  decode(reader: XdrReader): T
}

export type Decoded<C> = C extends Codec<infer T> ? T : never

/** A remote procedure, or an event: then `args` is empty and `ret` its message. */
export interface Procedure<Args, Ret> {
  readonly name: string
  readonly program: number
  readonly number: number
  readonly args: Codec<Args>
  readonly ret: Codec<Ret>
}

export const int: Codec<number> = {
  encode(writer, value) {
    if ((value | 0) !== value) throw new XdrError(`not a signed 32-bit number: ${value}`)
    writer.word(value)
  },
  decode: (reader) => reader.int(),
}

export const uint: Codec<number> = {
  encode(writer, value) {
    if (value >>> 0 !== value) throw new XdrError(`not an unsigned 32-bit number: ${value}`)
    writer.word(value)
  },
  decode: (reader) => reader.uint(),
}

export const hyper: Codec<bigint> = {
  encode(writer, value) {
    if (BigInt.asIntN(64, value) !== value) throw new XdrError(`not a signed 64-bit number: ${value}`)
    writer.long(value)
  },
  decode: (reader) => reader.long(),
}

export const uhyper: Codec<bigint> = {
  encode(writer, value) {
    if (BigInt.asUintN(64, value) !== value) throw new XdrError(`not an unsigned 64-bit number: ${value}`)
    writer.long(value)
  },
  decode: (reader) => reader.ulong(),
}

export const double: Codec<number> = {
  encode: (writer, value) => writer.double(value),
  decode: (reader) => reader.double(),
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Sixteen bytes, as text in the usual form: lower case, with hyphens. */
export const uuid: Codec<string> = {
  encode(writer, value) {
    if (!uuidPattern.test(value)) throw new XdrError(`not a UUID: ${value}`)
    writer.hex(value.replaceAll('-', ''), 16)
  },
  decode(reader) {
    const hex = reader.hex(16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
}

export function string(maxBytes: number): Codec<string> {
  return {
    encode: (writer, value) => writer.string(value, maxBytes),
    decode: (reader) => reader.string(maxBytes),
  }
}

export function opaque(maxBytes: number): Codec<Uint8Array> {
  return {
    encode: (writer, value) => writer.opaque(value, maxBytes),
    decode: (reader) => reader.opaque(maxBytes),
  }
}

/** C's `char name[length]`, which rpcgen spreads over one word for each character; as text up to the first NUL. */
export function characters(length: number): Codec<string> {
  return {
    encode(writer, value) {
      const bytes = Buffer.from(value)
      if (bytes.length > length) throw new XdrError(`${bytes.length} characters are over the limit of ${length}`)
      for (let index = 0; index < length; index++) writer.word(bytes[index] ?? 0)
    },
    decode(reader) {
      const bytes = Buffer.alloc(length)
      for (let index = 0; index < length; index++) bytes[index] = reader.uint()
      const end = bytes.indexOf(0)
      return bytes.toString('utf8', 0, end < 0 ? length : end)
    },
  }
}

export function optional<T>(codec: Codec<T>): Codec<T | null> {
  return {
    encode(writer, value) {
      writer.word(value === null ? 0 : 1)
      if (value !== null) codec.encode(writer, value)
    },
    decode(reader) {
      const present = reader.uint()
      if (present > 1) throw new XdrError(`not a boolean: ${present}`)
      return present === 1 ? codec.decode(reader) : null
    },
  }
}

export function array<T>(codec: Codec<T>, max: number): Codec<T[]> {
  return {
    encode(writer, values) {
      if (values.length > max) throw new XdrError(`an array of ${values.length} elements is over the limit of ${max}`)
      writer.word(values.length)
      for (const value of values) codec.encode(writer, value)
    },
    decode(reader) {
      const length = reader.uint()
      if (length > max) throw new XdrError(`an array of ${length} elements is over the limit of ${max}`)
      const values: T[] = []
      for (let index = 0; index < length; index++) values.push(codec.decode(reader))
      return values
    },
  }
}

type Fields = Record<string, Codec<unknown>>
type Struct<F extends Fields> = { [K in keyof F]: Decoded<F[K]> }

export function struct<F extends Fields>(fields: F): Codec<Struct<F>> {
  const entries = Object.entries(fields)
  return {
    encode(writer, value) {
      for (const [name, codec] of entries) codec.encode(writer, value[name])
    },
    decode(reader) {
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) value[name] = codec.decode(reader)
      // The loop has just filled in every field of F.
      return value as Struct<F>
    },
  }
}

type Arms = Record<number, Codec<unknown>>
type Union<A extends Arms> = { [K in keyof A & number]: { type: K; value: Decoded<A[K]> } }[keyof A & number]

/** A union told apart by a number. */
export function union<A extends Arms>(arms: A): Codec<Union<A>> {
  function arm(type: number): Codec<unknown> {
    const codec = Object.hasOwn(arms, type) ? arms[type] : undefined
    if (!codec) throw new XdrError(`a union has no type ${type}`)
    return codec
  }
  return {
    encode(writer, { type, value }) {
      const codec = arm(type)
      writer.word(type)
      codec.encode(writer, value)
    },
    decode(reader) {
      const type = reader.int()
      // The arm chosen by the type decodes the value of that type.
      return { type, value: arm(type).decode(reader) } as Union<A>
    },
  }
}

/** Makes the procedures of one RPC program. */
export function program(number: number) {
  return <Args, Ret>(name: string, procedure: number, args: Codec<Args>, ret: Codec<Ret>): Procedure<Args, Ret> => ({
    name,
    program: number,
    number: procedure,
    args,
    ret,
  })
}
