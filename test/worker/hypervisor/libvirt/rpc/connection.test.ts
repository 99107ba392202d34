import { describe, expect, test, vi } from 'vitest'
import { connectLibvirt } from '#worker/hypervisor/libvirt/rpc/connection.ts'
import { change, connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import { type Call, startFakeDaemon } from './fake-daemon.ts'
import { absent, keepaliveProgram, message, status, text, type, word } from './wire.ts'

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
})

describe('connecting', () => {
  test('where nobody listens fails and names the sockets tried', async () => {
    const error = await failure(connectLibvirt('test+unix:///default?socket=/nowhere/sock'))
    expect(error).toEqual(connectionError('unreachable', false))
    expect((error as Error).message).toContain('/nowhere/sock')
  })

  test('to a daemon that closes at once fails', async () => {
    fake.daemon.authTypes = [1] // SASL, which is not spoken
    expect(await failure(fake.connect())).toEqual(connectionError('unreachable', false))
  })

  test('to a daemon that does not answer fails in time', async () => {
    const silent = await startFakeDaemon(undefined, { silent: true })
    const error = await failure(connectLibvirt(silent.uri, { callTimeoutMs: 100 }))
    await silent.stop()
    expect(error).toEqual(connectionError('deadline', true))
  })

  test('authenticates by polkit where the daemon wants it', async () => {
    fake.daemon.authTypes = [2]
    const procedures: number[] = []
    fake.daemon.onCall = (call) => {
      procedures.push(call.procedure)
      call.reply(word(1))
    }
    await fake.connect()
    expect(procedures).toEqual([70]) // AUTH_POLKIT
  })
})

describe('keepalive', () => {
  const ping = { program: keepaliveProgram, procedure: 1, type: type.message, serial: 0, status: status.ok }

  test("libvirt's ping is answered with a pong", async () => {
    await fake.connect()
    const pong = new Promise<Call>((resolve) => {
      fake.daemon.onCall = resolve
    })
    fake.daemon.connections[0]?.write(message(ping))
    expect(await pong).toMatchObject({ ...ping, procedure: 2, body: Buffer.alloc(0) })
  })

  test('a daemon that answers pings is left alone', async () => {
    const connection = await fake.connect({ keepalive: { intervalMs: 10, count: 1 } })
    let pings = 0
    fake.daemon.onCall = (call) => {
      expect(call).toMatchObject(ping)
      pings++
      call.socket.write(message({ ...ping, procedure: 2 }))
    }
    await vi.waitFor(() => expect(pings).toBeGreaterThan(5))
    expect(connection.state).toBe('connected')
    expect(fake.daemon.connections).toHaveLength(1)
  })

  test('a daemon that answers nothing is given up, with the calls that it has', async () => {
    const connection = await fake.connect({ keepalive: { intervalMs: 10, count: 3 } })
    expect(await failure(hostname(connection))).toEqual(connectionError('disconnected', true))
    await vi.waitFor(() => expect(fake.daemon.connections).toHaveLength(2))
  })

  test('a daemon that is busy with five calls cannot answer, and is waited for', async () => {
    const connection = await fake.connect({ keepalive: { intervalMs: 10, count: 1 } })
    const calls = Array.from({ length: 5 }, () => failure(hostname(connection, 300)))
    expect(await Promise.all(calls)).toEqual(new Array(5).fill(connectionError('deadline', true)))
    expect(fake.daemon.connections).toHaveLength(1)
  })
})
