import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { until } from '#infra/until.ts'
import type { LibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { domainOf } from '#test/live/hypervisor/node-vms.ts'
import { qemuPid } from '#test/support/processes.ts'
import { readInactiveXml, readLiveXml, readRunState } from '#worker/hypervisor/libvirt/domain.ts'
import { type QemuDisk, qemuDiskOf, qmp, readQemuDisks } from '#worker/hypervisor/libvirt/qmp.ts'
import { type Domain, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { contentOf as contentVolume } from '#worker/hypervisor/libvirt/snapshot/moved-content.ts'
import { reclaimJournal } from '#worker/hypervisor/libvirt/snapshot/reclaim-journal.ts'
import { readDomain } from '#worker/hypervisor/libvirt/xml/read-domain.ts'
import { nvramVolume } from '#worker/hypervisor/storage-names.ts'
import type { DiskAccess } from './disk-access.ts'
import { type Content, contentOf, diskBytes, slots } from './slots.ts'

const run = promisify(execFile)

/** A libvirt node's disks, read and written with QEMU's own tools, and through QEMU where one has the file open. */
export function libvirtDisks(node: LibvirtNode): DiskAccess {
  const { connection } = node
  const fileOf = (volume: string) => path.join(node.options.poolDirectory, volume)
  const seen = new Map<string, { state: string; content: Content }>()
  const sound = new Map<string, string>()

  async function writtenBy(dom: Domain) {
    const live = readDomain(await readLiveXml(connection, dom)).disks.filter(({ device }) => device === 'disk')
    const state = await readRunState(connection, dom)
    const disks = state === 'STOPPED' ? [] : await readQemuDisks(connection, dom)
    return {
      state,
      disks: live.map(({ target, alias, path }) => ({ target, path, qemu: qemuDiskOf(disks, alias ?? '') })),
    }
  }

  /** A command of qemu-io to a disk as QEMU has it open. */
  async function inQemu(dom: Domain, disk: QemuDisk | undefined, command: string): Promise<void> {
    const line = { 'command-line': `qemu-io -d ${disk?.qdev} "${command}"` }
    expect(await qmp(connection, dom, 'human-monitor-command', line)).toBe('')
  }

  return {
    async write(vmId, target, slot, value) {
      const dom = await domainOf(node, vmId)
      const { state, disks } = await writtenBy(dom)
      const disk = disks.find((found) => found.target === target)
      const { offset, length } = slots[slot] ?? { offset: 0, length: 0 }
      const commands = [`write -P ${value} ${offset} ${length}`, 'flush']
      if (state === 'STOPPED') {
        await run('qemu-io', ['-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), disk?.path ?? ''])
        return
      }
      for (const command of commands) await inQemu(dom, disk?.qemu, command)
    },

    async read(volume) {
      const state = await stateOfChain(fileOf(volume))
      const known = seen.get(volume)
      if (known?.state === state) return known.content
      const rawFile = path.join(node.host.directory, `${volume}.raw`)
      const qcow2 = `file.driver=qcow2,file.file.driver=file,file.file.filename=${fileOf(volume)}`
      const written = `driver=raw,size=${diskBytes},${qcow2}`
      await run('qemu-img', ['convert', '-U', '--image-opts', '-O', 'raw', written, rawFile])
      const content = contentOf(await readFile(rawFile))
      await rm(rawFile)
      seen.set(volume, { state, content })
      return content
    },

    async nameNow(vmId, volume) {
      const { merges } = await reclaimJournal(node.options.stateDirectory).read(vmId)
      const names = new Set(await readdir(node.options.poolDirectory))
      return contentVolume(volume, merges, (name) => !names.has(name))
    },

    async state(vmId) {
      return readRunState(connection, await domainOf(node, vmId))
    },

    async currentDisks(vmId) {
      const dom = await domainOf(node, vmId)
      const { state, disks } = await writtenBy(dom)
      const inactive = readDomain(await readInactiveXml(connection, dom)).disks
      for (const { target, path: live, qemu } of disks) {
        expect(inactive.find((disk) => disk.target === target)?.path, `${target} in the inactive definition`).toBe(live)
        if (state === 'STOPPED') continue
        expect(qemu?.chain, `the files of ${target} that QEMU has open`).toEqual(await chainOf(live ?? ''))
      }
      const { ret } = await connection.call(remote.domainListAllSnapshots, { dom, needResults: 0, flags: 0 })
      expect(ret, "snapshots in libvirt's own list").toBe(0)
      return disks.map(({ target, path: live }) => ({ target, volume: path.basename(live ?? '') }))
    },

    async files(vmId) {
      const names = (await readdir(node.options.poolDirectory)).filter((name) => name.startsWith(vmId))
      const backings = names.map(async (name) => {
        const backing = name.endsWith('.qcow2') ? await backingOf(fileOf(name)) : null
        return [name, backing && path.basename(backing)] as const
      })
      return new Map(await Promise.all(backings))
    },

    async requireSound(vmId) {
      for (const name of await readdir(node.options.poolDirectory)) {
        if (!name.startsWith(vmId) || !name.endsWith('.qcow2')) continue
        const state = await stateOf(fileOf(name))
        if (sound.get(name) === state) continue
        const { stdout } = await run('qemu-img', ['check', '-U', '-f', 'qcow2', fileOf(name)])
        expect(stdout, name).toContain('No errors were found')
        sound.set(name, state)
      }
    },

    async digest(volume) {
      const content = await readFile(fileOf(volume)).catch(() => null)
      return content && createHash('sha256').update(content).digest('hex')
    },

    async changeNvram(vmId, value) {
      const file = fileOf(nvramVolume(vmId))
      const content = await readFile(file)
      content[content.length - 1] = value
      await writeFile(file, content)
    },

    async suspend(vmId) {
      await connection.call(remote.domainSuspend, { dom: await domainOf(node, vmId) })
    },

    async resume(vmId) {
      await connection.call(remote.domainResume, { dom: await domainOf(node, vmId) })
    },

    async killQemu(vmId) {
      process.kill(qemuPid(vmId), 'SIGKILL')
      const dom = await domainOf(node, vmId)
      await until(async () => (await readRunState(connection, dom)) === 'STOPPED', 10_000)
    },
  }
}

/** A file's state: another one after every write. */
async function stateOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

const stateOfChain = async (file: string): Promise<string> =>
  (await Promise.all((await chainOf(file)).map(stateOf))).join()

/** The file, and what it stands on, as the files themselves say it. */
async function chainOf(file: string): Promise<string[]> {
  const backing = await backingOf(file)
  return backing === null ? [file] : [file, ...(await chainOf(backing))]
}

/** From the header: https://www.qemu.org/docs/master/interop/qcow2.html#header */
async function backingOf(file: string): Promise<string | null> {
  const handle = await open(file)
  try {
    const header = await readPart(handle, 0, 20)
    const [offset, length] = [Number(header.readBigUInt64BE(8)), header.readUInt32BE(16)]
    return offset === 0 ? null : (await readPart(handle, offset, length)).toString()
  } finally {
    await handle.close()
  }
}

async function readPart(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer
}
