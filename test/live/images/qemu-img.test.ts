import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qemuImg } from '#worker/hypervisor/libvirt/qemu-img.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`qemu-img${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let directory: string
  const inDirectory = (name: string) => path.join(directory, name)
  const create = (name: string, ...args: string[]) =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args, inDirectory(name), '2G'])
  const fill = (name: string, pattern: number) =>
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${pattern} 0 64M`, inDirectory(name)])
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'qemu-img-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('merges disks with the memory that it is given', async () => {
    create('base')
    create('top', '-b', inDirectory('base'), '-F', 'qcow2')
    fill('base', 1)
    fill('top', 2)
    await qemuImg('commit', 'qcow2', ['-b', inDirectory('base'), inDirectory('top')], 2 ** 26)
    const read = execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'read -P 2 0 64M', inDirectory('base')])
    expect(read.toString()).not.toContain('verification failed')
  })

  test('gets no more memory than a file of that size needs, whatever is in it', async () => {
    create('greedy', '-o', 'cluster_size=512,refcount_bits=64')
    // A table of eight bytes for each of its 168 million clusters.
    await truncate(inDirectory('greedy'), 80 * 2 ** 30)
    await expect(qemuImg('check', 'qcow2', [inDirectory('greedy')])).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/Cannot allocate memory/),
    })
  })

  test('takes what lies in a raw disk for data', async () => {
    create('written-by-a-guest', '-u', '-b', '/etc/passwd', '-F', 'raw')
    const file = inDirectory('written-by-a-guest')
    await qemuImg('compare', 'raw', ['-F', 'raw', file, file])
    await expect(qemuImg('compare', 'raw', ['-F', 'qcow2', file, file])).rejects.toMatchObject({ code: 'internal' })
  })
})
