import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasAccess } from '#worker/hypervisor/libvirt/access.ts'

const id = (...args: string[]): number => Number(execFileSync('id', args, { encoding: 'utf8' }))

/** Debian's QEMU user as libvirt starts QEMU: its own group first, kvm among the others. */
const qemu = { uid: id('-u', 'libvirt-qemu'), gid: id('-u', 'libvirt-qemu') }
const kvm = Number(execFileSync('getent', ['group', 'kvm'], { encoding: 'utf8' }).split(':')[2])
let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'quantix-access-'))
  chmodSync(directory, 0o711)
})
afterAll(() => rmSync(directory, { recursive: true }))

function file(mode: number, gid: number): string {
  const name = path.join(directory, `${mode}-${gid}`)
  writeFileSync(name, '')
  chownSync(name, 0, gid)
  chmodSync(name, mode)
  return name
}

test("a right that QEMU's user has through one of its further groups counts", async () => {
  expect(await hasAccess(qemu, file(0o660, kvm), ['r', 'w'])).toBe(true)
})

test("a right of root alone is not QEMU's", async () => {
  expect(await hasAccess(qemu, file(0o660, 0), ['r'])).toBe(false)
})

test('a right is needed on each directory above too', async () => {
  const name = file(0o666, 0)
  chmodSync(directory, 0o700)
  expect(await hasAccess(qemu, name, ['r'])).toBe(false)
  chmodSync(directory, 0o711)
})
