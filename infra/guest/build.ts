import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { zstdCompressSync } from 'node:zlib'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import { guestModules, loadOrder } from './modules.ts'
import { unpackPackages } from './packages.ts'

const run = promisify(execFile)
const here = import.meta.dirname
const packages = [
  'linux-image-cloud-amd64',
  'busybox-static',
  'qemu-guest-agent',
  'isolinux',
  'syslinux-common',
  'genisoimage',
]

/**
 * Builds the test guest, a small bootable ISO (Linux, busybox, QEMU's guest agent), from Debian packages, and returns
 * its path in the cache directory. Nothing is installed; a guest that was built before from the same sources is
 * returned at once. Throws with what to do where apt cannot provide the packages.
 */
export async function buildGuestIso({
  cacheDirectory,
  log = () => {},
}: {
  cacheDirectory: string
  log?: (line: string) => void
}): Promise<string> {
  const iso = path.join(path.resolve(cacheDirectory), `quantix-guest-${await sourceHash()}.iso`)
  const isBuilt = await access(iso).then(
    () => true,
    () => false,
  )
  if (isBuilt) return iso

  await mkdir(cacheDirectory, { recursive: true })
  const work = await mkdtemp(path.join(path.dirname(iso), 'build-'))
  try {
    const built = await build(work, log)
    // Renamed in one piece, so that nobody ever boots half an ISO and two builders do no harm.
    await rename(built, iso)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return iso
}

/** Of everything in this directory, so that a changed source builds anew. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(here)).sort()) hash.update(await readFile(path.join(here, name)))
  return hash.digest('hex').slice(0, 12)
}

async function build(work: string, log: (line: string) => void): Promise<string> {
  const root = path.join(work, 'root')
  const downloads = path.join(work, 'downloads')
  const image = path.join(work, 'image')
  await Promise.all([root, downloads, image].map((directory) => mkdir(directory)))

  log(`test guest: downloading ${packages.join(', ')} (35 MB; nothing is installed)`)
  await unpackPackages(packages, { root, downloads, log })

  log('test guest: putting the ISO together')
  const boot = path.join(root, 'boot')
  const kernel = (await readdir(boot)).find((name) => name.startsWith('vmlinuz-'))
  if (!kernel) throw new Error('The kernel package holds no kernel')
  const parts: [name: string, content: Buffer][] = [
    ['kernel', await readFile(path.join(boot, kernel))],
    ['initrd', zstdCompressSync(cpioArchive(await initramfs(root, kernel.replace('vmlinuz-', ''))))],
    ['isolinux.bin', await readFile(path.join(root, 'usr/lib/ISOLINUX/isolinux.bin'))],
    ['ldlinux.c32', await readFile(path.join(root, 'usr/lib/syslinux/modules/bios/ldlinux.c32'))],
    ['isolinux.cfg', await readFile(path.join(here, 'isolinux.cfg'))],
  ]
  for (const [name, content] of parts) await writeFile(path.join(image, name), content)

  const iso = path.join(work, 'guest.iso')
  const elTorito = ['-b', 'isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table']
  await run(loaderOf(root), [
    ...['--library-path', libraryPath(root), path.join(root, 'usr/bin/genisoimage')],
    ...['-quiet', '-V', 'QUANTIX_GUEST', '-o', iso, ...elTorito, image],
  ])
  return iso
}

async function initramfs(root: string, kernelVersion: string): Promise<CpioEntry[]> {
  const busybox = path.join(root, 'bin/busybox')
  const agent = path.join(root, 'usr/sbin/qemu-ga')
  const modules = path.join(root, 'lib/modules', kernelVersion)
  await run(busybox, ['depmod', '-b', root, kernelVersion])
  const table = (name: string) => readFile(path.join(modules, name), 'utf8')
  const order = loadOrder(
    { modulesDep: await table('modules.dep'), modulesBuiltin: await table('modules.builtin') },
    guestModules,
  )

  const file = async (name: string, source: string, executable = false): Promise<CpioEntry> => ({
    ...{ path: name, type: 'file', data: await readFile(source), executable },
  })
  return [
    ...['bin', 'sbin', 'lib', 'lib64', 'lib/modules', 'etc', 'etc/acpi', 'etc/acpi/PWRF'].map(
      (name): CpioEntry => ({ path: name, type: 'directory' }),
    ),
    await file('init', path.join(here, 'init'), true),
    await file('bin/busybox', busybox, true),
    await file('bin/qemu-ga', agent, true),
    await file('sbin/shutdown', path.join(here, 'shutdown'), true),
    // Where busybox's acpid looks for what the power button does.
    { path: 'etc/acpi/PWRF/00000080', type: 'link', data: '/sbin/shutdown' },
    await file('lib64/ld-linux-x86-64.so.2', loaderOf(root), true),
    ...(await Promise.all((await librariesOf(agent, root)).map((from) => file(`lib/${path.basename(from)}`, from)))),
    ...(await Promise.all(order.map((name) => file(`lib/modules/${path.basename(name)}`, path.join(modules, name))))),
    { path: 'lib/modules/order', type: 'file', data: Buffer.from(order.map((name) => path.basename(name)).join('\n')) },
  ]
}

/** The unpacked loader runs unpacked programs with unpacked libraries, whatever this system has. */
const loaderOf = (root: string): string => path.join(root, 'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2')

const libraryPath = (root: string): string =>
  ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'].map((directory) => path.join(root, directory)).join(':')

async function librariesOf(program: string, root: string): Promise<string[]> {
  const { stdout } = await run(loaderOf(root), ['--library-path', libraryPath(root), '--list', program])
  return [...stdout.matchAll(/ => (\S+)/g)].flatMap(([, file]) => (file ? [file] : []))
}

if (import.meta.main) {
  const cacheDirectory = path.join(here, '../../.cache/guest')
  console.log(await buildGuestIso({ cacheDirectory, log: (line) => console.error(line) }))
}
