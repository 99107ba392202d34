import { describe, expect, test } from 'vitest'
import { CodecEmitter, camelCase } from '#worker/hypervisor/libvirt/rpc/generator/emit.ts'
import { constantValue, parseHeaders } from '#worker/hypervisor/libvirt/rpc/generator/parse-headers.ts'
import { type Protocol, parseProtocol } from '#worker/hypervisor/libvirt/rpc/generator/parse-protocol.ts'

const headers = parseHeaders(`
# define VIR_UUID_BUFLEN (16)
# define VIR_LABEL_BUFLEN (4096 + 1)
typedef enum {
    VIR_A_FIRST, /* a comment, with a comma */
    VIR_A_SECOND = 1 << 3, /* (Since: 1.0) */
    VIR_A_THIRD,
    VIR_A_LAST_BIT = (1U << 31),
    VIR_A_BOTH = VIR_A_SECOND | VIR_B_EARLY,
# ifdef VIR_ENUM_SENTINELS
    VIR_A_LAST /* a count */
# endif
} virA;
typedef enum {
    VIR_B_EARLY = -2,
} virB;
`)

describe('headers', () => {
  test('give each member of an enum its value, in order, without sentinels', () => {
    const values = headers.enums.get('virA')?.map((name) => [name, constantValue(headers, name)])
    expect(values).toEqual([
      ['VIR_A_FIRST', 0],
      ['VIR_A_SECOND', 8],
      ['VIR_A_THIRD', 9],
      ['VIR_A_LAST_BIT', 2 ** 31],
      ['VIR_A_BOTH', 8 | -2],
    ])
  })

  test('give defines their values', () => {
    expect(constantValue(headers, 'VIR_LABEL_BUFLEN')).toBe(4097)
  })
})

describe('protocol', () => {
  function parse(source: string): Protocol {
    const maps = { constants: new Map(), typedefs: new Map(), structs: new Map(), unions: new Map(), enums: new Map() }
    parseProtocol(source, maps)
    return maps
  }

  test('becomes codecs, each after those that it needs', () => {
    const protocol = parse(`
      %#include "internal.h"
      const STRING_MAX = 10;
      const LIST_MAX=3;
      typedef string remote_nonnull_string<STRING_MAX>;
      typedef remote_nonnull_string *remote_string; /* may be NULL */
      typedef opaque remote_uuid[VIR_UUID_BUFLEN];
      union remote_value switch (int type) {
       case VIR_A_SECOND:
         unsigned hyper ul;
       case VIR_A_THIRD:
         remote_nonnull_string s;
      };
      struct remote_thing_args {
        remote_uuid uuid;
        unsigned flags;
        char model[4];
        int need_results; /* insert@1 */
        remote_string names<LIST_MAX>;
        remote_value value;
        remote_nonnull_string *parent;
        unsigned short few;
      };
      enum remote_procedure { REMOTE_PROC_THING = 7 };
    `)
    const emitter = new CodecEmitter(protocol, headers)
    expect(emitter.struct('remote_thing_args')).toBe(
      'xdr.struct({ uuid: uuid, flags: xdr.uint, model: xdr.characters(4), needResults: xdr.int, ' +
        'names: xdr.array(string, 3), value: value, parent: xdr.optional(nonnullString), few: xdr.uint })',
    )
    expect(emitter.lines).toEqual([
      'const uuid = xdr.uuid',
      'const nonnullString = xdr.string(10)',
      'const string = xdr.optional(nonnullString)',
      'const value = xdr.union({ 8: xdr.uhyper, 9: nonnullString })',
    ])
    expect(protocol.enums.get('remote_procedure')?.get('REMOTE_PROC_THING')).toBe(7)
  })

  test('that is not understood is refused, not guessed', () => {
    expect(() => parse('program X { };')).toThrow('unknown definition: program')
    expect(() => parse('struct x { int a b; };')).toThrow('; expected, b found')
    expect(() => parse('struct x { int a;')).toThrow('ends in the middle')
    const emitter = new CodecEmitter(parse('struct x_args { opaque data[9]; };'), headers)
    expect(() => emitter.struct('x_args')).toThrow('opaque')
  })
})

test.each([
  ['DOMAIN_GET_XML_DESC', 'domainGetXmlDesc'],
  ['need_results', 'needResults'],
  ['callbackID', 'callbackID'],
  ['flags', 'flags'],
])('%s is called %s', (source, name) => {
  expect(camelCase(source)).toBe(name)
})
