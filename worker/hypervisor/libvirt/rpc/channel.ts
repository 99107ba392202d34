import type { Socket } from 'node:net'
import type { Procedure } from './codec.ts'
import { type ConnectionErrorReason, LibvirtConnectionError, LibvirtError } from './errors.ts'
import { FrameError, FrameSplitter, lengthBytes } from './frame.ts'
import { Keepalive, type KeepaliveOptions } from './keepalive.ts'
import {
  errorBody,
  KeepaliveProcedure,
  keepaliveProgram,
  MessageStatus,
  MessageType,
  messageBytesMax,
  protocolVersion,
  remote,
} from './protocol.gen.ts'
import { XdrError, XdrReader, XdrWriter } from './xdr.ts'

/** One timer looks after the deadlines of all calls; a deadline is met with this much delay at most. */
const deadlineTickMs = 50
/**
 * What is written to a local socket reaches the other side in pieces, each of them whole or not at all; the first is at
 * least so long (net/unix/af_unix.c, unix_stream_sendmsg).
 */
const pieceBytesMax = 32_768

interface PendingCall {
  procedure: Procedure<unknown, unknown>
  resolve(value: unknown): void
  reject(error: Error): void
  deadline: number
  /** Past its deadline and rejected; its reply may still come. */
  abandoned: boolean
}

export interface ChannelHandlers {
  /** An event has come. An XdrError that it throws ends the channel, as any other garbage does. */
  onEvent(procedure: number, body: XdrReader): void
  onClose(error: LibvirtConnectionError): void
}

/** The calls and events of one connected socket, until it closes. */
export class Channel {
  readonly #socket: Socket
  readonly #handlers: ChannelHandlers
  readonly #keepalive: Keepalive
  readonly #writer = new XdrWriter()
  readonly #pending = new Map<number, PendingCall>()
  #serial = 0
  /** Calls above this serial have not reached the socket: they wait for the end of this turn, or it refused them. */
  #writtenSerial = 0
  #waiting = 0
  #deadlineTimer: NodeJS.Timeout | null = null
  #closedBy: LibvirtConnectionError | null = null

  constructor(socket: Socket, keepalive: KeepaliveOptions, handlers: ChannelHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    this.#keepalive = new Keepalive(keepalive, {
      callsUnderWay: () => this.#pending.size,
      ping: () => this.#sendKeepalive(KeepaliveProcedure.PING),
      dead: () => this.#fail('disconnected', 'libvirt does not answer keepalive messages'),
    })
    const splitter = new FrameSplitter((buffer, start, end) => this.#receive(new XdrReader(buffer, start, end)))
    socket.on('data', (chunk: Buffer) => {
      this.#keepalive.heard()
      try {
        splitter.push(chunk)
      } catch (error) {
        if (!(error instanceof XdrError || error instanceof FrameError)) throw error
        this.#fail('protocol', `libvirt sent what is no message: ${error.message}`, error)
      }
    })
    socket.on('error', (error) =>
      this.#fail('disconnected', `the connection to libvirt broke: ${error.message}`, error),
    )
    socket.on('close', () => this.#fail('disconnected', 'libvirt closed the connection'))
  }

  call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, timeoutMs: number): Promise<Ret> {
    return new Promise<Ret>((resolve, reject) => {
      if (this.#closedBy) throw this.#callError(this.#closedBy, false)
      const serial = (this.#serial + 1) >>> 0
      this.#write(procedure, serial, args)
      this.#serial = serial
      // What comes back under this serial has been decoded by this procedure's codec.
      const pending = { procedure, resolve, reject, deadline: performance.now() + timeoutMs, abandoned: false }
      this.#pending.set(serial, pending as unknown as PendingCall)
      this.#waiting++
      this.#deadlineTimer ??= setInterval(() => this.#expire(performance.now()), deadlineTickMs)
    })
  }

  /** Throws why the channel has closed, if it has. */
  assertOpen(): void {
    if (this.#closedBy) throw this.#closedBy
  }

  /** Rejects what is under way, and closes. */
  close(): void {
    this.#fail('closed', 'the connection to libvirt was closed')
  }

  #write<Args, Ret>(procedure: Procedure<Args, Ret>, serial: number, args: Args): void {
    const start = this.#writer.length
    try {
      this.#header(procedure.program, procedure.number, MessageType.CALL, serial)
      procedure.args.encode(this.#writer, args)
      const bytes = this.#writer.length - start
      if (bytes > lengthBytes + messageBytesMax)
        throw new XdrError(`a message of ${bytes} bytes is over libvirt's limit`)
      this.#writer.patch(start, bytes)
    } catch (error) {
      this.#writer.truncate(start)
      throw error
    }
    if (start === 0) process.nextTick(() => this.#flush())
  }

  #header(program: number, procedure: number, type: number, serial: number): void {
    this.#writer.word(0)
    this.#writer.word(program)
    this.#writer.word(protocolVersion)
    this.#writer.word(procedure)
    this.#writer.word(type)
    this.#writer.word(serial)
    this.#writer.word(MessageStatus.OK)
  }

  #sendKeepalive(procedure: number): void {
    const start = this.#writer.length
    this.#header(keepaliveProgram, procedure, MessageType.MESSAGE, 0)
    this.#writer.patch(start, this.#writer.length - start)
    if (start === 0) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    if (this.#closedBy) return
    const bytes = this.#writer.copy()
    const before = this.#writtenSerial
    // A daemon that has ended reads nothing any more.
    this.#socket.write(bytes, (error?: NodeJS.ErrnoException | null) => {
      if (error?.code === 'EPIPE' && bytes.length <= pieceBytesMax) this.#writtenSerial = before
    })
    this.#writer.truncate(0)
    this.#writtenSerial = this.#serial
  }

  #receive(reader: XdrReader): void {
    const program = reader.uint()
    const version = reader.uint()
    const procedure = reader.int()
    const type = reader.uint()
    const serial = reader.uint()
    const status = reader.uint()
    if (version !== protocolVersion) throw new XdrError(`version ${version} of program ${program}`)
    if (program === keepaliveProgram) {
      if (procedure === KeepaliveProcedure.PING) this.#sendKeepalive(KeepaliveProcedure.PONG)
      return
    }
    if (type === MessageType.REPLY) this.#settle(program, procedure, serial, status, reader)
    else if (type !== MessageType.MESSAGE) throw new XdrError(`a message of type ${type}, which nobody asked for`)
    else if (program === remote.connectOpen.program) this.#handlers.onEvent(procedure, reader)
  }

  #settle(program: number, number: number, serial: number, status: number, reader: XdrReader): void {
    const pending = this.#pending.get(serial)
    if (!pending || pending.procedure.program !== program || pending.procedure.number !== number) {
      throw new XdrError(`a reply to call ${serial} of procedure ${number}, which was not made`)
    }
    if (status > MessageStatus.ERROR) throw new XdrError(`a reply of status ${status}`)
    const failure = status === MessageStatus.ERROR ? errorBody.decode(reader) : null
    const value = failure ? null : pending.procedure.ret.decode(reader)
    if (reader.remaining > 0)
      throw new XdrError(`${reader.remaining} bytes behind the reply of ${pending.procedure.name}`)
    this.#pending.delete(serial)
    if (pending.abandoned) return
    this.#waiting--
    if (failure) pending.reject(new LibvirtError(pending.procedure.name, failure))
    else pending.resolve(value)
  }

  #expire(now: number): void {
    for (const pending of this.#pending.values()) {
      if (pending.abandoned || pending.deadline > now) continue
      pending.abandoned = true
      this.#waiting--
      const message = `libvirt did not answer ${pending.procedure.name} in time`
      pending.reject(new LibvirtConnectionError('deadline', message, { maybeExecuted: true }))
    }
    if (this.#waiting === 0) this.#stopDeadlineTimer()
  }

  #stopDeadlineTimer(): void {
    if (this.#deadlineTimer) clearInterval(this.#deadlineTimer)
    this.#deadlineTimer = null
  }

  #fail(reason: ConnectionErrorReason, message: string, cause?: unknown): void {
    if (this.#closedBy) return
    this.#closedBy = new LibvirtConnectionError(reason, message, { maybeExecuted: true, cause })
    this.#keepalive.stop()
    this.#stopDeadlineTimer()
    this.#socket.destroy()
    for (const [serial, pending] of this.#pending) {
      // Serials wrap around; their difference does not.
      const written = ((serial - this.#writtenSerial) | 0) <= 0
      if (!pending.abandoned) pending.reject(this.#callError(this.#closedBy, written))
    }
    this.#pending.clear()
    this.#handlers.onClose(this.#closedBy)
  }

  #callError(closedBy: LibvirtConnectionError, maybeExecuted: boolean): LibvirtConnectionError {
    return new LibvirtConnectionError(closedBy.reason, closedBy.message, { maybeExecuted, cause: closedBy.cause })
  }
}
