import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Header, message, remoteProgram, status, type, words } from './wire.ts'

export const procedure = { connectOpen: 1, connectSupportsFeature: 60, authList: 66, authPolkit: 70 }

/** How libvirtd answers the opening of a session: one authentication, none; nothing; supported. */
const openingReplies: Record<number, Buffer> = {
  [procedure.authList]: words(1, 0),
  [procedure.connectOpen]: Buffer.alloc(0),
  [procedure.connectSupportsFeature]: words(1),
}

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
  /** May answer a message of the session's opening itself: true when it has, or when nothing is to be answered. */
  onOpening: (call: Call) => boolean
  connections: Socket[]
  onConnection: () => void
  stop(): Promise<void>
}

/** Listens like libvirtd and answers what a script says, faults included. */
export async function startFakeDaemon(at?: string): Promise<FakeDaemon> {
  const socketPath = at ?? path.join(await mkdtemp(path.join(tmpdir(), 'fd-')), 'sock')
  const directory = path.dirname(socketPath)
  await mkdir(directory, { recursive: true })
  const daemon: FakeDaemon = {
    uri: `test+unix:///default?socket=${socketPath}`,
    socketPath,
    onCall: () => {},
    onOpening: () => false,
    connections: [],
    onConnection: () => {},
    async stop() {
      for (const socket of daemon.connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    },
  }
  const server = createServer((socket) => {
    daemon.connections.push(socket)
    daemon.onConnection()
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
    const answer = call.program === remoteProgram ? openingReplies[call.procedure] : undefined
    if (!answer) daemon.onCall(call)
    else if (!daemon.onOpening(call)) call.reply(answer)
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
