import { describe, expect, test, vi } from 'vitest'
import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { change, connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import { type Call, procedure, replyHeader, startFakeDaemon } from './fake-daemon.ts'
import { absent, message, text, word, words } from './wire.ts'

const fake = useFakeDaemon()

describe('a connection that is lost', () => {
  test('fails what was sent and serves what comes after it', async () => {
    const connection = await fake.connect()
    fake.daemon.onCall = (call) => call.socket.destroy()
    expect(await failure(hostname(connection))).toEqual(connectionError('disconnected', true))
    expect(connection.state).toBe('disconnected')
    fake.daemon.onCall = (call) => call.reply(text('node-1'))
    expect(await hostname(connection)).toEqual({ hostname: 'node-1' })
    expect(connection.state).toBe('connected')
  })

  test('registers its events again before it says that it is back', async () => {
    const connection = await fake.connect()
    const registrations: Buffer[] = []
    fake.daemon.onCall = (call) => {
      registrations.push(call.body)
      call.reply(word(registrations.length))
    }
    await connection.onDomainEvent('lifecycle', () => {})
    const back = change(connection, 'connected')
    fake.daemon.connections[0]?.destroy()
    await back
    const lifecycleOfEveryDomain = Buffer.concat([word(0), absent])
    expect(registrations).toEqual([lifecycleOfEveryDomain, lifecycleOfEveryDomain])
  })

  test('does not execute a call that was not yet written', async () => {
    const connection = await fake.connect()
    const calls: Call[] = []
    fake.daemon.onCall = (call) => calls.push(call)
    const call = failure(hostname(connection))
    connection.close()
    expect(await call).toEqual(connectionError('closed', false))
    expect(calls).toEqual([])
  })

  test('fails a call whose deadline passes before it is back, and which was certainly not executed', async () => {
    const connection = await fake.connect()
    const lost = change(connection, 'disconnected')
    await fake.daemon.stop()
    await lost
    expect(await failure(hostname(connection, 50))).toEqual(connectionError('deadline', false))
  })

  test('comes back when the daemon does, however long that takes', async () => {
    const connection = await fake.connect()
    const { socketPath } = fake.daemon
    const lost = change(connection, 'disconnected')
    await fake.daemon.stop()
    await lost
    const waiting = hostname(connection)
    fake.daemon = await startFakeDaemon(socketPath)
    fake.daemon.onCall = (call) => call.reply(text('node-2'))
    expect(await waiting).toEqual({ hostname: 'node-2' })
  })
})

describe('close', () => {
  test('fails the calls under way and those that wait, and ends the socket', async () => {
    const connection = await fake.connect()
    const arrived = new Promise<Call>((resolve) => {
      fake.daemon.onCall = resolve
    })
    const sent = failure(hostname(connection))
    const { socket } = await arrived
    const ended = new Promise((resolve) => socket.once('close', resolve))
    connection.close()
    expect(await sent).toEqual(connectionError('closed', true))
    expect(await failure(hostname(connection))).toEqual(connectionError('closed', false))
    expect(connection.state).toBe('closed')
    await ended
  })

  test('ends a reconnection that is under way', async () => {
    const connection = await fake.connect()
    const lost = change(connection, 'disconnected')
    await fake.daemon.stop()
    await lost
    const waiting = failure(hostname(connection))
    connection.close()
    expect(await waiting).toEqual(connectionError('closed', false))
  })

  test('in the moment of a reconnection leaves no socket', async () => {
    const connection = await fake.connect()
    const states: string[] = []
    connection.onStateChange((state) => states.push(state))
    const reconnected = new Promise<void>((resolve) => {
      fake.daemon.onConnection = () => {
        connection.close()
        resolve()
      }
    })
    fake.daemon.connections[0]?.destroy()
    await reconnected
    await vi.waitFor(() => expect(fake.daemon.connections.map((socket) => socket.closed)).toEqual([true, true]))
    expect(states).toEqual(['disconnected', 'closed'])
  })
})

describe('connecting', () => {
  test('where nobody listens fails and names the sockets tried', async () => {
    const error = await failure(connectLibvirt('test+unix:///default?socket=/nowhere/sock'))
    expect(error).toEqual(connectionError('unreachable', false))
    expect((error as Error).message).toContain('/nowhere/sock')
  })

  test('to a daemon that wants an authentication not spoken here fails', async () => {
    fake.daemon.onOpening = (call) => {
      call.reply(words(1, 1)) // SASL
      return true
    }
    expect(await failure(fake.connect())).toEqual(connectionError('unreachable', false))
  })

  test('to a daemon that does not answer fails in time, and leaves no socket', async () => {
    fake.daemon.onOpening = () => true
    expect(await failure(fake.connect({ callTimeoutMs: 100 }))).toEqual(connectionError('deadline', true))
    await vi.waitFor(() => expect(fake.daemon.connections.map((socket) => socket.closed)).toEqual([true]))
  })

  test('to a daemon that hangs up in the middle of it fails', async () => {
    fake.daemon.onOpening = (call) => call.procedure === procedure.connectOpen && Boolean(call.socket.end())
    expect(await failure(fake.connect())).toEqual(connectionError('disconnected', true))
  })

  test('to a daemon that goes mad with its last answer fails', async () => {
    fake.daemon.onOpening = (call) => {
      if (call.procedure !== procedure.connectSupportsFeature) return false
      call.socket.write(Buffer.concat([message(replyHeader(call), words(1)), words(0)]))
      return true
    }
    expect(await failure(fake.connect())).toEqual(connectionError('protocol', true))
  })

  test('authenticates by polkit where the daemon wants it', async () => {
    fake.daemon.onOpening = (call) => {
      if (call.procedure === procedure.authList) call.reply(words(1, 2)) // polkit
      return call.procedure === procedure.authList
    }
    const procedures: number[] = []
    fake.daemon.onCall = (call) => {
      procedures.push(call.procedure)
      call.reply(word(1))
    }
    await fake.connect()
    expect(procedures).toEqual([procedure.authPolkit])
  })
})
