import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { mutatedQcow2, textImage } from '#test/worker/images/mutations.ts'
import { inspectImage } from '#worker/images/inspect/inspect-image.ts'
import { readSample } from '#worker/images/inspect/sample.ts'

const unavailable = libvirtAvailable()
const run = promisify(execFile)

/** What one run does not get to, the next one does. */
const bound = { numRuns: 200, interruptAfterTimeLimit: 5_000, markInterruptAsFailure: false }

/** What `qemu-img info` says of a file; null where it does not open it. */
async function info(file: string, ...format: string[]) {
  try {
    const { stdout } = await run('qemu-img', ['info', '-U', '--output=json', ...format, file], { timeout: 10_000 })
    const found = JSON.parse(stdout)
    const { 'backing-filename': backingFile, 'format-specific': specific, 'virtual-size': size } = found
    return { format: found.format, size, backingFile, dataFile: specific?.data['data-file'] }
  } catch {
    return null
  }
}

async function inspect(file: string) {
  const handle = await open(file)
  try {
    return inspectImage(await readSample(handle), ['qcow2', 'raw', 'iso'])
  } finally {
    await handle.close()
  }
}

describe.skipIf(unavailable)(`qemu-img and the inspector${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let directory: string
  const inDirectory = (name: string) => path.join(directory, name)
  const qemuImg = (...args: string[]) => execFileSync('qemu-img', args, { cwd: directory, stdio: 'pipe' })
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'inspect-'))
    qemuImg('create', '-q', '-f', 'qcow2', 'base', '64M')
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.for([
    ['qcow2', 'size=64M'],
    ['qcow2', 'size=64M,compat=0.10'],
    ['qcow2', 'size=64M,cluster_size=512'],
    ['qcow2', 'size=10T,cluster_size=2M'],
    ['qcow2', 'size=64T'],
    ['qcow2', 'size=64M,extended_l2=on'],
    ['qcow2', 'size=10T,extended_l2=on,cluster_size=32k'],
    ['qcow2', 'size=64M,compression_type=zstd'],
    ['qcow2', 'size=64M,lazy_refcounts=on,refcount_bits=1'],
    ['qcow2', 'size=512,refcount_bits=64'],
    ['qcow2', 'size=4M,preallocation=full'],
    ['raw', 'size=64M'],
  ] as const)('agree on an image that qemu-img made: %s, %s', async ([format, options]) => {
    const file = inDirectory('good')
    qemuImg('create', '-q', '-f', format, '-o', options, file)
    const said = await info(file)
    expect(said?.format).toBe(format)
    expect(await inspect(file)).toEqual({ format, virtualSizeBytes: said?.size })
  })

  test.for([
    ['compressed', ['convert', '-c', '-f', 'qcow2', '-O', 'qcow2', 'base', 'changed']],
    ['made larger', ['resize', '-q', '-f', 'qcow2', 'changed', '100G']],
    ['with a bitmap', ['bitmap', '-f', 'qcow2', '--add', 'changed', 'backup']],
    ['without the backing file that it had', ['rebase', '-q', '-f', 'qcow2', '-b', '', 'changed']],
  ] as const)('agree on an image that qemu-img changed: %s', async ([, args]) => {
    qemuImg('create', '-q', '-f', 'qcow2', '-b', 'base', '-F', 'qcow2', 'changed')
    if (!args.includes('rebase' as never)) qemuImg('rebase', '-q', '-f', 'qcow2', '-b', '', 'changed')
    qemuImg(...args)
    const file = inDirectory('changed')
    expect(await inspect(file)).toEqual({ format: 'qcow2', virtualSizeBytes: (await info(file))?.size })
  })

  const secret = ['--object', 'secret,id=key,data=secret']
  test.for([
    ['IMAGE_HAS_BACKING_FILE', ['-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', 'bad']],
    ['IMAGE_HAS_BACKING_FILE', ['-f', 'qcow2', '-o', 'compat=0.10', '-b', '/etc/passwd', '-F', 'raw', 'bad']],
    [
      'IMAGE_HAS_BACKING_FILE',
      ['-f', 'qcow2', '-u', '-F', 'raw', '-b', 'json:{"driver":"nbd","host":"::1"}', 'bad', '1M'],
    ],
    ['IMAGE_HAS_BACKING_FILE', ['-f', 'qcow2', '-u', '-F', 'raw', '-b', 'http://169.254.169.254/', 'bad', '1M']],
    ['IMAGE_HAS_DATA_FILE', ['-f', 'qcow2', '-o', 'data_file=data', 'bad', '1M']],
    ['IMAGE_HAS_DATA_FILE', ['-f', 'qcow2', '-o', 'data_file=data,data_file_raw=on', 'bad', '1M']],
    ['IMAGE_IS_ENCRYPTED', [...secret, '-f', 'qcow2', '-o', 'encrypt.format=aes,encrypt.key-secret=key', 'bad', '1M']],
    ...['qcow', 'vdi', 'vhdx', 'qed', 'parallels', 'vpc', 'vmdk'].map((format) => [
      'IMAGE_FORMAT_NOT_SUPPORTED',
      ['-f', format, 'bad', '8M'],
    ]),
    ...['monolithicFlat', 'streamOptimized', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'].map((subformat) => [
      'IMAGE_FORMAT_NOT_SUPPORTED',
      ['-f', 'vmdk', '-o', `subformat=${subformat}`, 'bad', '8M'],
    ]),
    ['IMAGE_FORMAT_NOT_SUPPORTED', ['-f', 'vpc', '-o', 'subformat=fixed', 'bad', '8M']],
  ] as [string, string[]][])('%s: qemu-img create %s', async ([reason, args]) => {
    await rm(inDirectory('bad'), { force: true })
    qemuImg('create', '-q', ...args)
    expect(await inspect(inDirectory('bad'))).toMatchObject({ reason })
  })

  test('IMAGE_HAS_SNAPSHOTS: qemu-img snapshot', async () => {
    qemuImg('create', '-q', '-f', 'qcow2', 'snapshots', '1M')
    qemuImg('snapshot', '-c', 'one', 'snapshots')
    expect(await inspect(inDirectory('snapshots'))).toMatchObject({ reason: 'IMAGE_HAS_SNAPSHOTS' })
  })

  test('no qcow2 that QEMU would follow to another file is taken, whatever else is in its header', async () => {
    const seen = { taken: 0, followed: 0 }
    const file = inDirectory('mutated')
    await fc.assert(
      fc.asyncProperty(mutatedQcow2, async (head) => {
        await writeFile(file, head)
        await truncate(file, qcow2().length)
        const [found, said] = [await inspect(file), await info(file, '-f', 'qcow2')]
        if (said?.backingFile || said?.dataFile) seen.followed++
        if ('reason' in found) return
        seen.taken++
        expect(found.format).toBe('qcow2')
        expect(said?.backingFile).toBeUndefined()
        expect(said?.dataFile).toBeUndefined()
        if (said) expect(found.virtualSizeBytes).toBe(said.size)
      }),
      bound,
    )
    expect(seen).toEqual({ taken: expect.toSatisfy((n) => n > 0), followed: expect.toSatisfy((n) => n > 0) })
  })

  test('nothing is taken for a raw disk in which QEMU would see another format', async () => {
    const seen = { taken: 0, other: 0 }
    const file = inDirectory('text')
    await fc.assert(
      fc.asyncProperty(textImage, async (content) => {
        await writeFile(file, content)
        await truncate(file, 0x10000)
        const [found, said] = [await inspect(file), await info(file)]
        if (said?.format !== 'raw') seen.other++
        if ('reason' in found) return
        seen.taken++
        expect({ ours: found.format, qemu: said?.format }).toEqual({ ours: 'raw', qemu: 'raw' })
      }),
      bound,
    )
    expect(seen).toEqual({ taken: expect.toSatisfy((n) => n > 0), other: expect.toSatisfy((n) => n > 0) })
  })
})
