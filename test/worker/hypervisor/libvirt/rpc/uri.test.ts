import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { parseUri } from '#worker/hypervisor/libvirt/rpc/uri.ts'

test.each([
  ['qemu:///system', ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'], 'qemu:///system'],
  ['test:///default', ['/run/libvirt/libvirt-sock'], 'test:///default'],
  ['qemu+unix:///system', ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'], 'qemu:///system'],
  ['qemu+unix:///system?socket=/tmp/a%20b/sock', ['/tmp/a b/sock'], 'qemu:///system'],
  ['test+unix:///default?socket=/tmp/sock', ['/tmp/sock'], 'test:///default'],
  ['qemu+unix:///session?socket=/tmp/sock', ['/tmp/sock'], 'qemu:///session'],
])('%s', (uri, socketPaths, name) => {
  expect(parseUri(uri)).toEqual({ socketPaths, name })
})

test("a session's daemon is looked for in the runtime directory, else in the cache of the home directory", () => {
  expect(parseUri('qemu:///session', '/run/user/1000').socketPaths[0]).toBe('/run/user/1000/libvirt/libvirt-sock')
  expect(parseUri('qemu:///session').socketPaths[0]).toBe(`${homedir()}/.cache/libvirt/libvirt-sock`)
})

test.each([
  'qemu://elsewhere/system',
  'qemu+ssh://root@elsewhere/system',
  'qemu:///system?socket=/tmp/s',
  '/tmp/sock',
  '',
])('%j is refused', (uri) => {
  expect(() => parseUri(uri)).toThrow('not a libvirt URI of this machine')
})
