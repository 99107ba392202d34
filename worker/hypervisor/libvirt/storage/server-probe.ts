import { connect } from 'node:net'
import { AppError } from '#db/errors.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import { bare } from './attachment-xml.ts'

/** A server that takes longer is as good as gone. */
const answerMs = 3000
const nfsPort = 2049

interface Greeting {
  host: string
  port: number
  /** What makes a server that works say something; empty where it speaks first. */
  words: Uint8Array
}

/**
 * Throws `unavailable` where no server of the pool says a word in its own protocol. libvirt waits for a server for as long
 * as it takes, and meanwhile for nobody who lists, defines or looks up pools (seen on 9.0): it is asked only when one answers.
 */
export async function requireServer(source: StoragePoolSource, initiator: string): Promise<void> {
  const greetings = greetingsOf(source, initiator)
  if (greetings.length === 0) return
  try {
    await Promise.any(greetings.map(greet))
  } catch (error) {
    const [first] = (error as AggregateError).errors
    const servers = greetings.map(({ host, port }) => `${host}:${port}`).join(', ')
    throw new AppError(
      'unavailable',
      `The server of the storage pool does not answer: ${servers} (${first instanceof Error ? first.message : first}).`,
      { reason: 'POOL_NOT_REACHABLE', cause: error },
    )
  }
}

function greetingsOf(source: StoragePoolSource, initiator: string): Greeting[] {
  switch (source.type) {
    case 'local-dir':
      return []
    case 'nfs':
      return [{ host: source.server, port: nfsPort, words: nfsNull(source.version?.startsWith('3') ? 3 : 4) }]
    case 'iscsi':
      return [{ host: source.host, port: source.port, words: iscsiLogin(initiator) }]
    case 'ceph-rbd':
      return source.monitors.map(({ host, port }) => ({ host, port, words: new Uint8Array() }))
  }
}

function greet({ host, port, words }: Greeting): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: bare(host), port, timeout: answerMs })
    const fail = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    // The socket's own time does not count while a name is looked up.
    const timer = setTimeout(() => fail(new Error(`nothing within ${answerMs} ms`)), answerMs)
    socket
      .once('connect', () => socket.write(words))
      .once('data', () => {
        clearTimeout(timer)
        socket.destroy()
        resolve()
      })
      .once('end', () => fail(new Error('it hangs up')))
      .once('error', fail)
  })
}

/** A call of NFS that does nothing (RFC 5531, section 9; RFC 7530, section 15.1), in one fragment. */
function nfsNull(version: number): Uint8Array {
  const [call, rpcVersion, program, procedure, none] = [0, 2, 100_003, 0, 0]
  const words = [0x5155_414e, call, rpcVersion, program, version, procedure, none, 0, none, 0]
  const bytes = Buffer.alloc(4 + words.length * 4)
  bytes.writeUInt32BE((0x8000_0000 | (words.length * 4)) >>> 0)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 + index * 4)
  return bytes
}

/** A login to look around (RFC 7143, section 11.12); a target that refuses it answers as well. */
function iscsiLogin(initiator: string): Uint8Array {
  const text = Buffer.from(`InitiatorName=${initiator}\0SessionType=Discovery\0AuthMethod=None,CHAP\0`)
  const bytes = Buffer.alloc(48 + text.length + (-text.length & 3))
  // Immediate, Login; from security negotiation to operational negotiation.
  bytes[0] = 0x43
  bytes[1] = 0x81
  bytes.writeUIntBE(text.length, 5, 3)
  // A session of our own: its qualifier is random by its type.
  bytes[8] = 0x80
  text.copy(bytes, 48)
  return bytes
}
