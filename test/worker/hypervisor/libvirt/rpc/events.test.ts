import { describe, expect, test, vi } from 'vitest'
import { change, connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import { replyHeader } from './fake-daemon.ts'
import { absent, domainBytes, domainValue, message, remoteProgram, status, text, type, word, words } from './wire.ts'

const fake = useFakeDaemon()

describe('events', () => {
  const lifecycle = (event: number) =>
    message(
      { program: remoteProgram, procedure: 318, type: type.message, serial: 0, status: status.ok },
      Buffer.concat([word(1), domainBytes, words(event, 0)]),
    )

  test('between two replies reach their listeners, in order, until these stop', async () => {
    const connection = await fake.connect()
    fake.daemon.onCall = (call) => call.reply(word(1))
    const seen: number[] = []
    const stop = await connection.onDomainEvent('lifecycle', ({ dom, event }) => {
      expect(dom).toEqual(domainValue)
      seen.push(event)
    })
    fake.daemon.onCall = ({ socket, ...call }) => {
      socket.write(
        Buffer.concat([lifecycle(2), lifecycle(3), message(replyHeader({ ...call, socket }), text('x')), lifecycle(5)]),
      )
    }
    await hostname(connection)
    await vi.waitFor(() => expect(seen).toEqual([2, 3, 5]))
    stop()
    await hostname(connection)
    expect(seen).toEqual([2, 3, 5])
  })

  test('that nobody listens to are passed over, known to this client or not', async () => {
    const connection = await fake.connect()
    fake.daemon.onCall = (call) => {
      call.socket.write(lifecycle(2))
      call.socket.write(
        message({ ...replyHeader(call), procedure: 9_999, type: type.message, serial: 0 }, words(1, 2, 3)),
      )
      call.reply(text('node-1'))
    }
    expect(await hostname(connection)).toEqual({ hostname: 'node-1' })
  })

  test('that cannot be read end the connection', async () => {
    const connection = await fake.connect()
    fake.daemon.onCall = (call) => call.reply(word(1))
    await connection.onDomainEvent('lifecycle', () => {})
    fake.daemon.onCall = (call) => call.socket.write(lifecycle(2).fill(0xff, 28))
    expect(await failure(hostname(connection))).toEqual(connectionError('protocol', true))
  })

  test('whose registration is refused are not asked for again after a reconnection', async () => {
    const connection = await fake.connect()
    const body = Buffer.concat([words(3, 0), absent, word(2), absent, absent, absent, absent, words(0, 0), absent])
    fake.daemon.onCall = (call) => call.refuse(body)
    expect(await failure(connection.onDomainEvent('agentLifecycle', () => {}))).toMatchObject({ code: 3 })
    const procedures: number[] = []
    fake.daemon.onCall = (call) => procedures.push(call.procedure)
    const back = change(connection, 'connected')
    fake.daemon.connections[0]?.destroy()
    await back
    expect(procedures).toEqual([])
  })
})
