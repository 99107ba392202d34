import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { readLiveXml } from '#worker/hypervisor/libvirt/domain.ts'
import { qemuDiskOf, qmp, readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import type { LibvirtNode } from './libvirt-node.ts'
import { domainOf } from './node-vms.ts'

const run = promisify(execFile)

/** A stretch of a disk, filled with one byte. */
export interface Stretch {
  offset: number
  length: number
  value: number
}

const mib = 2 ** 20
export const stretchOf = (atMib: number, lengthMib: number, value: number): Stretch => ({
  offset: atMib * mib,
  length: lengthMib * mib,
  value,
})

type Node = Pick<LibvirtNode, 'connection' | 'options'>

/** Writes to what the VM's disk is now: through QEMU where one has it, as its guest would. */
export async function writeDisk(
  node: Node,
  vmId: string,
  stretches: readonly Stretch[],
  target = 'vda',
): Promise<void> {
  const dom = await domainOf(node, vmId)
  const disk = readDomain(await readLiveXml(node.connection, dom)).disks.find((found) => found.target === target)
  const commands = [...stretches.map(({ offset, length, value }) => `write -P ${value} ${offset} ${length}`), 'flush']
  if (disk?.alias) {
    const qdev = qemuDiskOf(await readQemuDisks(node.connection, dom), disk.alias)?.qdev
    for (const command of commands) {
      const line = { 'command-line': `qemu-io -d ${qdev} "${command}"` }
      expect(await qmp(node.connection, dom, 'human-monitor-command', line)).toBe('')
    }
    return
  }
  await run('qemu-io', ['-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), disk?.path ?? ''])
}

/** Fails unless every stretch of a volume is as it was written; the later ones hide the earlier. */
export async function expectContent(node: Node, volume: string, stretches: readonly Stretch[]): Promise<void> {
  const file = path.join(node.options.poolDirectory, volume)
  const visible = stretches.filter(
    ({ offset }, index) => stretches.findLastIndex((other) => other.offset === offset) === index,
  )
  // Without a command it would wait for one.
  if (visible.length === 0) return
  const reads = visible.flatMap(({ offset, length, value }) => ['-c', `read -P ${value} ${offset} ${length}`])
  // It ends with 1 when a pattern is not found, and says so on stdout.
  const { stdout, stderr } = await run('qemu-io', ['-U', '-r', '-f', 'qcow2', ...reads, file]).catch((error) => error)
  expect(stdout + stderr, volume).not.toMatch(/fail|error|can't/i)
  expect(stdout.match(/read \d+\/\d+ bytes/g) ?? []).toHaveLength(visible.length)
}

/** Fails unless QEMU's own check finds every disk file of the VM clean; one that was killed may have left space taken. */
export async function expectSoundFiles(
  { options }: Pick<Node, 'options'>,
  vmId: string,
  { leaks = false } = {},
): Promise<void> {
  const names = (await readdir(options.poolDirectory)).filter(
    (name) => name.startsWith(vmId) && name.endsWith('.qcow2'),
  )
  for (const name of names) {
    const check = run('qemu-img', ['check', '-U', '-f', 'qcow2', path.join(options.poolDirectory, name)])
    const code = await check.then(
      () => 0,
      (error) => error.code,
    )
    expect(leaks ? [0, leakedCode] : [0], name).toContain(code)
  }
}

/** qemu-img(1): clusters are taken by nothing, and all else is right. */
const leakedCode = 3
