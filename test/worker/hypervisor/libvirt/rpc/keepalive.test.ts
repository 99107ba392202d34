import { describe, expect, test, vi } from 'vitest'
import { connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import type { Call } from './fake-daemon.ts'
import { keepaliveProgram, message, status, type } from './wire.ts'

const fake = useFakeDaemon()

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
    const connection = await fake.connect({ keepalive: { intervalMs: 5, count: 10 } })
    let pings = 0
    fake.daemon.onCall = (call) => {
      expect(call).toMatchObject(ping)
      pings++
      call.socket.write(message({ ...ping, procedure: 2 }))
    }
    await vi.waitFor(() => expect(pings).toBeGreaterThan(25), { timeout: 5_000 })
    expect(connection.state).toBe('connected')
    expect(fake.daemon.connections).toHaveLength(1)
  })

  test('a daemon that answers nothing is given up, with the calls that it has', async () => {
    const connection = await fake.connect({ keepalive: { intervalMs: 10, count: 3 } })
    expect(await failure(hostname(connection))).toEqual(connectionError('disconnected', true))
    await vi.waitFor(() => expect(fake.daemon.connections).toHaveLength(2))
  })

  test('a daemon that is busy with five calls cannot answer, and is waited for', async () => {
    const connection = await fake.connect({ keepalive: { intervalMs: 10, count: 5 } })
    const calls = Array.from({ length: 5 }, () => failure(hostname(connection, 300)))
    expect(await Promise.all(calls)).toEqual(new Array(5).fill(connectionError('deadline', true)))
    expect(fake.daemon.connections).toHaveLength(1)
  })
})
