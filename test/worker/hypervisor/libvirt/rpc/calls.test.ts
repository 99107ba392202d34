import { describe, expect, test } from 'vitest'
import { LibvirtError } from '#worker/hypervisor/libvirt/rpc/errors.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { XdrError } from '#worker/hypervisor/libvirt/rpc/xdr.ts'
import { connectionError, failure, hostname, useFakeDaemon } from './client.ts'
import type { Call } from './fake-daemon.ts'
import { absent, domainBytes, domainValue, present, text, word, words } from './wire.ts'

const fake = useFakeDaemon()

describe('an error', () => {
  const body = Buffer.concat([
    words(55, 10), // code OPERATION_INVALID, domain QEMU
    present(text('Requested operation is not valid: domain is not running')),
    word(2), // level error
    present(domainBytes),
    present(text('Requested operation is not valid: %s')),
    present(text('domain is not running')),
    absent,
    words(-1, 3),
    absent,
  ])

  test('reaches the caller with every field, and the connection lives on', async () => {
    const connection = await fake.connect()
    fake.daemon.onCall = (call) => call.refuse(body)
    const error = await failure(connection.call(remote.domainDestroyFlags, { dom: domainValue, flags: 0 }))
    expect(error).toBeInstanceOf(LibvirtError)
    expect({ ...(error as LibvirtError), message: (error as Error).message }).toEqual({
      name: 'LibvirtError',
      procedure: 'domainDestroyFlags',
      message: 'Requested operation is not valid: domain is not running',
      code: 55,
      domain: 10,
      level: 2,
      str1: 'Requested operation is not valid: %s',
      str2: 'domain is not running',
      str3: null,
      int1: -1,
      int2: 3,
    })
    fake.daemon.onCall = (call) => call.reply(text('node-1'))
    expect(await hostname(connection)).toEqual({ hostname: 'node-1' })
    expect(fake.daemon.connections).toHaveLength(1)
  })

  test('without a message still names its code', async () => {
    fake.daemon.onCall = (call) =>
      call.refuse(Buffer.concat([words(38, 0), absent, word(2), absent, absent, absent, absent, words(0, 0), absent]))
    expect(await failure(hostname(await fake.connect()))).toMatchObject({ code: 38, message: 'libvirt error 38' })
  })
})

describe('calls', () => {
  test('are told apart by their serials, in whatever order the replies come', async () => {
    const connection = await fake.connect()
    const calls: Call[] = []
    fake.daemon.onCall = (call) => {
      if (calls.push(call) < 3) return
      for (const { serial, reply } of calls.reverse()) reply(text(`reply ${serial}`))
    }
    const names = await Promise.all([hostname(connection), hostname(connection), hostname(connection)])
    const serials = names.map(({ hostname }) => Number(hostname.split(' ')[1]))
    expect(serials).toEqual([...serials].sort((a, b) => a - b))
    expect(new Set(serials).size).toBe(3)
  })

  test('past their deadline fail, and the late reply disturbs nothing', async () => {
    const connection = await fake.connect()
    let late: Call | undefined
    fake.daemon.onCall = (call) => {
      if (late) call.reply(text('second'))
      else late = call
    }
    expect(await failure(hostname(connection, 20))).toEqual(connectionError('deadline', true))
    late?.reply(text('first'))
    expect(await hostname(connection)).toEqual({ hostname: 'second' })
    // Nor the deadlines of those after it.
    fake.daemon.onCall = () => {}
    expect(await failure(hostname(connection, 120))).toEqual(connectionError('deadline', true))
    expect(fake.daemon.connections).toHaveLength(1)
  })

  test('fail each at its own deadline', async () => {
    const connection = await fake.connect()
    const order: string[] = []
    const later = failure(hostname(connection, 220)).then(() => order.push('later'))
    const sooner = failure(hostname(connection, 20)).then(() => order.push('sooner'))
    await Promise.all([sooner, later])
    expect(order).toEqual(['sooner', 'later'])
  })

  test('with arguments that the protocol cannot carry send nothing', async () => {
    const connection = await fake.connect()
    const names: Buffer[] = []
    fake.daemon.onCall = (call) => {
      names.push(call.body)
      call.reply(domainBytes)
    }
    const bad = failure(connection.call(remote.domainLookupByName, { name: 'a\0b' }))
    const good = connection.call(remote.domainLookupByName, { name: 'web-1' })
    expect(await bad).toBeInstanceOf(XdrError)
    expect(await good).toEqual({ dom: domainValue })
    expect(names).toEqual([text('web-1')])
  })
})
