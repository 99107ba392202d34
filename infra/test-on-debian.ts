import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

// Runs tests of this checkout on another release of Debian, that is on its libvirt and QEMU, as root and for amd64.
// usage: npm run test:on-debian -- RELEASE [TESTS…]      needs debootstrap

const checkout = path.dirname(import.meta.dirname)

/**
 * The release's files stay, with the packages that the tests install; its devices, mounts and processes are its own and
 * go with it. The machine's /dev/kvm would get the owner that the release's packages give it.
 */
const enter = `
set -e
root=$1 checkout=$2
shift 2
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys
for directory in dev run tmp; do mount -t tmpfs tmpfs "$directory"; done
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 kvm:10:232 net/tun:10:200; do
  IFS=: read -r name major minor <<<"$device"
  mkdir -p "$(dirname "dev/$name")"
  mknod -m 666 "dev/$name" c "$major" "$minor"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mkdir -p ".$checkout"
mount --bind "$checkout" ".$checkout"
cp /etc/resolv.conf /etc/hosts etc/
exec chroot . /usr/bin/env -C "$checkout" node infra/bootstrap.js infra/test.ts "$@"
`

const [release, ...tests] = process.argv.slice(2)
if (!release || !/^[a-z]+$/.test(release)) throw new Error('usage: npm run test:on-debian -- RELEASE [TESTS…]')
const root = path.join(checkout, '.cache/debian', release)
if (!existsSync(root)) await install(release)
const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child']
process.exitCode = await run('unshare', [...namespaces, 'bash', '-c', enter, '_', root, checkout, ...tests])

async function install(name: string): Promise<void> {
  const unfinished = `${root}.part`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const status = await run('debootstrap', ['--variant=minbase', '--include=ca-certificates,procps', name, unfinished])
  if (status !== 0) throw new Error(`debootstrap could not install ${name}`)
  await rename(unfinished, root)
}

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
