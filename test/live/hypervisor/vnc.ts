import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'

/** What a VNC server says of a password; null asks for none. */
export type VncAnswer = 'opened' | 'refused'

/** RFB 3.8, the handshake of a client that knows `password` (RFC 6143, 7.1 and 7.2). */
export async function knockOnVnc(port: number, password: string | null): Promise<VncAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const reader = socket[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  const read = async (bytes: number) => {
    while (held.length < bytes) {
      const { value, done } = await reader.next()
      if (done) throw new Error('the server hung up')
      held = Buffer.concat([held, value])
    }
    const part = held.subarray(0, bytes)
    held = held.subarray(bytes)
    return part
  }
  try {
    await read(12)
    socket.write('RFB 003.008\n')
    const types = [...(await read((await read(1)).readUInt8()))]
    const type = password === null ? 1 : 2
    if (!types.includes(type)) return 'refused'
    socket.write(Buffer.of(type))
    if (password !== null) socket.write(response(await read(16), password))
    return (await read(4)).readUInt32BE() === 0 ? 'opened' : 'refused'
  } finally {
    socket.destroy()
  }
}

/** DES of the challenge, as triple DES with one key thrice, which OpenSSL still has; VNC reads each byte of a key backwards. */
function response(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8)
  key.write(password.slice(0, 8), 'latin1')
  for (const [index, byte] of key.entries()) {
    key[index] = Number.parseInt(byte.toString(2).padStart(8, '0').split('').toReversed().join(''), 2)
  }
  const cipher = createCipheriv('des-ede3', Buffer.concat([key, key, key]), null).setAutoPadding(false)
  return Buffer.concat([cipher.update(challenge), cipher.final()])
}
