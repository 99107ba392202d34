/** Bytes by hand, after RFC 4506 and libvirt's virnetprotocol.x: the tests' own hand, not the client's codec. */

export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function words(...values: number[]): Buffer {
  return Buffer.concat(values.map(word))
}

/** Length, bytes, and zeros up to the next multiple of four. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([word(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}

/** A present optional: the word 1 before it. An absent one is the word 0. */
export function present(value: Buffer): Buffer {
  return Buffer.concat([word(1), value])
}

export const absent = word(0)

export const remoteProgram = 0x2000_8086
export const keepaliveProgram = 0x6b65_6570
export const type = { call: 0, reply: 1, message: 2 }
export const status = { ok: 0, error: 1 }

export interface Header {
  program: number
  procedure: number
  type: number
  serial: number
  status: number
}

/** A message: its length (which counts itself), the header of six words, the body. */
export function message(header: Header, body: Buffer = Buffer.alloc(0)): Buffer {
  const { program, procedure, type, serial, status } = header
  return Buffer.concat([words(28 + body.length, program, 1, procedure, type, serial, status), body])
}

export const domainBytes = Buffer.concat([
  text('web-1'),
  Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  word(7), // id
])
export const domainValue = { name: 'web-1', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 7 }
