import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Header, message, remoteProgram, status, type, words } from './wire.ts'

const authList = 66
const connectOpen = 1
const supportsFeature = 60

/** What the client asked, and the ways to answer. */
export interface Call extends Header {
  body: Buffer
  socket: Socket
  reply(body?: Buffer): void
  refuse(errorBody: Buffer): void
}

export interface FakeDaemon {
  uri: string
  socketPath: string
  /** Called for every message beyond the opening of the session. */
  onCall: (call: Call) => void
  /** The authentications offered; [0] is none. */
  authTypes: number[]
  connections: Socket[]
  stop(): Promise<void>
}

/** Listens like libvirtd and answers what a script says, faults included; a `silent` one answers nothing at all. */
export async function startFakeDaemon(at?: string, options: { silent?: boolean } = {}): Promise<FakeDaemon> {
  const socketPath = at ?? path.join(await mkdtemp(path.join(tmpdir(), 'fd-')), 'sock')
  const directory = path.dirname(socketPath)
  await mkdir(directory, { recursive: true })
  const daemon: FakeDaemon = {
    uri: `test+unix:///default?socket=${socketPath}`,
    socketPath,
    onCall: () => {},
    authTypes: [0],
    connections: [],
    async stop() {
      for (const socket of daemon.connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    },
  }
  const server = createServer((socket) => {
    daemon.connections.push(socket)
    socket.on('error', () => {})
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= received.readUInt32BE()) {
        const length = received.readUInt32BE()
        handle(toCall(received.subarray(4, length), socket))
        received = received.subarray(length)
      }
    })
  })
  function handle(call: Call): void {
    if (options.silent) return
    const opening = call.program === remoteProgram
    if (opening && call.procedure === authList) call.reply(words(daemon.authTypes.length, ...daemon.authTypes))
    else if (opening && call.procedure === connectOpen) call.reply()
    else if (opening && call.procedure === supportsFeature) call.reply(words(1))
    else daemon.onCall(call)
  }
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return daemon
}

function toCall(bytes: Buffer, socket: Socket): Call {
  const header: Header = {
    program: bytes.readUInt32BE(0),
    procedure: bytes.readUInt32BE(8),
    type: bytes.readUInt32BE(12),
    serial: bytes.readUInt32BE(16),
    status: bytes.readUInt32BE(20),
  }
  return {
    ...header,
    body: bytes.subarray(24),
    socket,
    reply: (body) => socket.write(message({ ...header, type: type.reply }, body)),
    refuse: (body) => socket.write(message({ ...header, type: type.reply, status: status.error }, body)),
  }
}

/** The header of the reply to a call. */
export function replyHeader({ program, procedure, serial }: Call): Header {
  return { program, procedure, serial, type: type.reply, status: status.ok }
}
