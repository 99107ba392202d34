import { expect, test } from 'vitest'
import { addressList, lookupAllowed, mayReach, requireReachable } from '#worker/images/address-rules.ts'

const none = addressList([])

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.0.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'ff02::1',
])('%s is not reached unless it is allowed', (address) => {
  expect(mayReach(address, none)).toBe(false)
  expect(() => requireReachable(address.includes(':') ? `[${address}]` : address, none)).toThrow('not a public address')
})

test.each(['8.8.8.8', '::ffff:8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450:4001::1'])(
  '%s is reached',
  (address) => {
    expect(mayReach(address, none)).toBe(true)
  },
)

test('what is allowed is reached, an address or a network, and nothing beside it', () => {
  const allowed = addressList(['10.1.0.0/16', '192.168.7.5', 'fd00:1::/32'])
  expect(['10.1.255.1', '192.168.7.5', 'fd00:1::7'].map((address) => mayReach(address, allowed))).toEqual([
    true,
    true,
    true,
  ])
  expect(['10.2.0.1', '192.168.7.6', 'fd00:2::7'].map((address) => mayReach(address, allowed))).toEqual([
    false,
    false,
    false,
  ])
})

const found = (host: string, allowed: readonly string[], all: boolean) =>
  new Promise((resolve) => {
    lookupAllowed(addressList(allowed))(host, { all }, (error, address) => resolve(error ?? address))
  })

test('a name is as good as its addresses', async () => {
  expect(await found('localhost', [], true)).toMatchObject({ reason: 'IMAGE_URL_ADDRESS_REFUSED' })
  expect(await found('localhost', [], false)).toMatchObject({ reason: 'IMAGE_URL_ADDRESS_REFUSED' })
  expect(await found('localhost', ['127.0.0.1'], true)).toEqual([{ address: '127.0.0.1', family: 4 }])
  expect(await found('localhost', ['127.0.0.1'], false)).toBe('127.0.0.1')
})

test('however a host is written, it is the address that counts', () => {
  for (const host of ['2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[0:0:0:0:0:0:0:1]']) {
    expect(() => requireReachable(new URL(`http://${host}/`).hostname, none), host).toThrow('not a public address')
  }
})
