import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { addressForOthers } from '#worker/daemon/management-address.ts'

const at = (address: string, internal = false) => [{ address, internal, family: 'IPv4' } as NetworkInterfaceInfo]
const interfaces = { lo: at('127.0.0.1', true), virbr0: at('192.168.122.1'), br0: at('10.0.0.7'), eth1: at('10.1.0.7') }
const heading = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route = (name: string, destination: string, metric: number, mask = destination) =>
  `${name}\t${destination}\t0100000A\t0003\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`

test('a node is reached by the address behind its default route, and not by that of a bridge for its guests', () => {
  const routes = [
    route('virbr0', '007AA8C0', 0, '00FFFFFF'),
    route('eth1', '00000000', 200),
    route('br0', '00000000', 100),
  ]
  expect(addressForOthers(interfaces, heading + routes.join(''))).toBe('10.0.0.7')
})

test('a node without a default route is reached by its first address, and one without any by none', () => {
  expect(addressForOthers(interfaces, heading)).toBe('192.168.122.1')
  expect(addressForOthers({ lo: at('127.0.0.1', true) }, '')).toBe('')
})
