import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LibvirtConnectionError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { change, connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import { type Call, replyHeader } from './fake-daemon.ts'
import { message, status, text, word, words } from './wire.ts'

const fake = useFakeDaemon()

describe('a reply in pieces', () => {
  test('is put together, also from single bytes', async () => {
    fake.daemon.onCall = async (call) => {
      for (const byte of message(replyHeader(call), text('node-1'))) {
        call.socket.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
    }
    expect(await hostname(await fake.connect())).toEqual({ hostname: 'node-1' })
  })

  test('that breaks off with the connection fails the call, which may have been executed', async () => {
    fake.daemon.onCall = (call) => call.socket.end(message(replyHeader(call), text('node-1')).subarray(0, 30))
    expect(await failure(hostname(await fake.connect()))).toEqual(connectionError('disconnected', true))
  })

  test('of 20 MiB is taken', async () => {
    const name = 'x'.repeat(4 * 1024 * 1024)
    const domain = Buffer.concat([text(name), Buffer.alloc(16), word(1)])
    fake.daemon.onCall = (call) => call.reply(Buffer.concat([word(5), domain, domain, domain, domain, domain, word(5)]))
    const { domains } = await (await fake.connect()).call(remote.connectListAllDomains, { needResults: 1, flags: 0 })
    expect(domains.map((dom) => dom.name.length)).toEqual(new Array(5).fill(4 * 1024 * 1024))
  })
})

describe('what is not libvirt’s protocol ends the connection and fails every call on it', () => {
  test.each<[string, (call: Call) => Buffer]>([
    ['text', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a message over the limit', () => words(33_554_432 + 5)],
    ['a message of 4 GiB', () => words(0xffff_ffff)],
    ['a message shorter than its header', () => words(8, 0)],
    ['a string over 4 MiB', (call) => message(replyHeader(call), text('x'.repeat(4 * 1024 * 1024 + 1)))],
    ['a string longer than its message', (call) => message(replyHeader(call), words(1_000, 0))],
    ['bytes behind the reply', (call) => message(replyHeader(call), Buffer.concat([text('node-1'), word(0)]))],
    ['a reply to a call that was not made', (call) => message({ ...replyHeader(call), serial: 99 }, text('node-1'))],
    ['a reply of another procedure', (call) => message({ ...replyHeader(call), procedure: 14 }, text('node-1'))],
    ['a reply of another program', (call) => message({ ...replyHeader(call), program: 7 }, text('node-1'))],
    ['a reply of an unknown status', (call) => message({ ...replyHeader(call), status: 2 }, text('node-1'))],
    ['a stream that nobody opened', (call) => message({ ...replyHeader(call), type: 3 }, text('node-1'))],
    ['an error cut short', (call) => message({ ...replyHeader(call), status: status.error }, words(42, 10))],
  ])('%s', async (_, bytes) => {
    const connection = await fake.connect()
    let first = true
    fake.daemon.onCall = (call) => {
      if (first) call.socket.write(bytes(call))
      first = false
    }
    const states: string[] = []
    connection.onStateChange((state) => states.push(state))
    const failures = await Promise.all([failure(hostname(connection)), failure(hostname(connection))])
    expect(failures).toEqual([connectionError('protocol', true), connectionError('protocol', true)])
    // It is a new connection that the next call uses.
    fake.daemon.onCall = (call) => call.reply(text('node-1'))
    expect(await hostname(connection)).toEqual({ hostname: 'node-1' })
    expect(states).toEqual(['disconnected', 'connected'])
  })

  test('no bytes whatever in place of a reply keep a call waiting or end the process', async () => {
    const connection = await fake.connect()
    const noise = fc.oneof(
      fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 }).map((values) => words(...values)),
    )
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), async (bytes, framed) => {
        fake.daemon.onCall = (call) => call.socket.end(framed ? message(replyHeader(call), bytes) : bytes)
        const back = change(connection, 'connected')
        const error = await hostname(connection).catch((error: unknown) => error)
        // Some noise is a valid reply by chance: a word of length and as many bytes.
        if (error instanceof Error) expect(error).toBeInstanceOf(LibvirtConnectionError)
        await back
      }),
      { numRuns: 100 },
    )
  })
})
