import { expect, test } from 'vitest'
import { advertisedAddress } from '#worker/daemon/advertised-address.ts'

test('a daemon is reached where it listens, and by the management address where it listens everywhere', () => {
  const at = (host: string, management = '10.0.0.7') => advertisedAddress({ host, port: 9090 }, management)
  expect(at('127.0.0.1')).toBe('127.0.0.1:9090')
  expect(at('node-1.example')).toBe('node-1.example:9090')
  expect(at('::1')).toBe('[::1]:9090')
  expect(at('0.0.0.0')).toBe('10.0.0.7:9090')
  expect(at('::')).toBe('10.0.0.7:9090')
})

test('a daemon that listens everywhere on a machine without an address is not reached', () => {
  expect(advertisedAddress({ host: '::', port: 9090 }, '')).toBeNull()
})
