import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Codec } from '#worker/hypervisor/libvirt/rpc/codec.ts'
import * as xdr from '#worker/hypervisor/libvirt/rpc/codec.ts'
import { errorBody, remote, remoteEvents } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { XdrError, XdrReader, XdrWriter } from '#worker/hypervisor/libvirt/rpc/xdr.ts'
import { absent, domainBytes, domainValue, present, text, word, words } from './wire.ts'

function encode<T>(codec: Codec<T>, value: T): string {
  const writer = new XdrWriter()
  codec.encode(writer, value)
  return writer.copy().toString('hex')
}

/** Decodes all of the bytes; what is left over fails the test. */
function decode<T>(codec: Codec<T>, bytes: Buffer): T {
  const reader = new XdrReader(bytes)
  const value = codec.decode(reader)
  expect(reader.remaining).toBe(0)
  return value
}

describe('known bytes', () => {
  test.each([
    ['-2', xdr.int, -2, 'fffffffe'],
    ['the largest unsigned number', xdr.uint, 4294967295, 'ffffffff'],
    ['a negative hyper', xdr.hyper, -1n, 'ffffffffffffffff'],
    ['an unsigned hyper', xdr.uhyper, 2n ** 63n, '8000000000000000'],
    ['a double', xdr.double, 1.5, '3ff8000000000000'],
    ['a string, padded with zeros', xdr.string(10), 'hello', '00000005' + '68656c6c6f' + '000000'],
    ['a string of UTF-8 that needs no padding', xdr.string(10), 'é€', '00000005' + 'c3a9e282ac' + '000000'],
    ['an empty string', xdr.string(10), '', '00000000'],
    ['an absent optional', xdr.optional(xdr.int), null, '00000000'],
    ['a present optional', xdr.optional(xdr.int), 5, '00000001' + '00000005'],
    ['an array', xdr.array(xdr.int, 3), [1, 2], '00000002' + '00000001' + '00000002'],
    [
      'bytes, padded with zeros',
      xdr.opaque(5),
      new Uint8Array([0, 255, 1, 2, 3]),
      '00000005' + '00ff010203' + '000000',
    ],
    ['a UUID', xdr.uuid, domainValue.uuid, '00112233445566778899aabbccddeeff'],
    ['characters, a word each', xdr.characters(3), 'ab', '00000061' + '00000062' + '00000000'],
    [
      'a union',
      xdr.union({ 7: xdr.string(9) }),
      { type: 7 as const, value: 'on' },
      '00000007' + '00000002' + '6f6e0000',
    ],
  ] as [string, Codec<unknown>, unknown, string][])('%s', (_, codec, value, hex) => {
    expect(encode(codec, value)).toBe(hex)
    expect(decode(codec, Buffer.from(hex, 'hex'))).toEqual(value)
  })

  test('a call of domainGetXmlDesc carries the domain and the flags', () => {
    const { number, args } = remote.domainGetXmlDesc
    expect(number).toBe(14)
    expect(encode(args, { dom: domainValue, flags: 2 })).toBe(Buffer.concat([domainBytes, word(2)]).toString('hex'))
  })

  test('nodeGetInfo has its model as 32 words', () => {
    const bytes = Buffer.concat([
      words(...Buffer.from('x86_64'), ...new Array(26).fill(0)), // model[32]
      words(0, 6_121_676), // memory in KiB, unsigned hyper
      words(2, 2600, 1, 1, 2, 1), // cpus, mhz, nodes, sockets, cores, threads
    ])
    expect(decode(remote.nodeGetInfo.ret, bytes)).toEqual({
      model: 'x86_64',
      memory: 6_121_676n,
      cpus: 2,
      mhz: 2600,
      nodes: 1,
      sockets: 1,
      cores: 2,
      threads: 1,
    })
  })

  test('an error has all its fields', () => {
    const bytes = Buffer.concat([
      words(42, 10), // code NO_DOMAIN, domain QEMU
      present(text('Domain not found')),
      word(2), // level error
      present(domainBytes),
      present(text('Domain not found: %s')),
      absent,
      present(text('three')),
      words(-1, 5),
      absent, // network
    ])
    expect(decode(errorBody, bytes)).toEqual({
      code: 42,
      domain: 10,
      message: 'Domain not found',
      level: 2,
      dom: domainValue,
      str1: 'Domain not found: %s',
      str2: null,
      str3: 'three',
      int1: -1,
      int2: 5,
      net: null,
    })
  })

  test('a lifecycle event wraps its message beside the callback', () => {
    const bytes = Buffer.concat([word(3), domainBytes, words(2, 0)])
    expect(remoteEvents.domainEventCallbackLifecycle.number).toBe(318)
    expect(decode(remoteEvents.domainEventCallbackLifecycle.ret, bytes)).toEqual({
      callbackID: 3,
      msg: { dom: domainValue, event: 2, detail: 0 },
    })
  })
})

describe('what cannot be carried is refused before it is sent', () => {
  test.each([
    ['a NUL, where a C string would end', xdr.string(10), 'a\0b'],
    ['a string over its limit in bytes', xdr.string(5), 'ééé'],
    ['an array over its limit', xdr.array(xdr.int, 1), [1, 2]],
    ['a fraction', xdr.int, 1.5],
    ['an undefined number', xdr.uint, undefined],
    ['a negative unsigned number', xdr.uint, -1],
    ['a hyper of 65 bits', xdr.uhyper, 2n ** 64n],
    ['a UUID that is none', xdr.uuid, '00112233-4455-6677-8899-aabbccddee/f'],
    ['a union type that there is not', xdr.union({ 1: xdr.int }), { type: 2, value: 0 }],
  ] as [string, Codec<unknown>, unknown][])('%s', (_, codec, value) => {
    expect(() => encode(codec, value)).toThrow(XdrError)
  })
})

describe('what breaks the protocol is refused', () => {
  test.each([
    ['a string longer than the message', xdr.string(100), words(8, 0)],
    ['a string over its limit', xdr.string(3), Buffer.concat([word(4), Buffer.from('abcd')])],
    ['a string without its padding', xdr.string(9), Buffer.from('00000001' + '61', 'hex')],
    ['an array over its limit', xdr.array(xdr.int, 1), words(2, 0, 0)],
    ['an array of more elements than bytes', xdr.array(xdr.int, 16_384), words(16_384, 0)],
    ['an optional that is neither there nor not', xdr.optional(xdr.int), words(2, 0)],
    ['a union type that there is not', xdr.union({ 1: xdr.int }), words(9, 0)],
    ['a message cut short', xdr.uhyper, word(0)],
  ] as [string, Codec<unknown>, Buffer][])('%s', (_, codec, bytes) => {
    expect(() => codec.decode(new XdrReader(bytes))).toThrow(XdrError)
  })
})

describe('properties', () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  const domain = fc.record({ name: printable(), uuid: fc.uuid(), id: int32 })
  const value = fc.oneof(
    int32.map((value) => ({ type: 1 as const, value })),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => ({ type: 4 as const, value })),
    fc.double({ noNaN: true }).map((value) => ({ type: 5 as const, value })),
    printable().map((value) => ({ type: 7 as const, value })),
  )
  const stats = fc.record({
    retStats: fc.array(fc.record({ dom: domain, params: fc.array(fc.record({ field: printable(), value })) })),
  })

  function printable() {
    return fc.string({ unit: 'grapheme' })
  }

  test('what is encoded comes back the same', () => {
    const codec = remote.connectGetAllDomainStats.ret
    fc.assert(
      fc.property(stats, (value) => {
        expect(decode(codec, Buffer.from(encode(codec, value), 'hex'))).toEqual(value)
      }),
    )
  })

  test('no bytes whatever make a decoder fail otherwise than by XdrError', () => {
    const codecs = Object.values({ ...remote, ...remoteEvents }).map(({ ret }): Codec<unknown> => ret)
    // Small words look like lengths, counts and booleans, and so reach deeper than noise does.
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.array(fc.integer({ min: 0, max: 9 })).map((values) => words(...values)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...codecs), bytes, (codec, bytes) => {
        try {
          codec.decode(new XdrReader(Buffer.from(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
