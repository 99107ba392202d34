import { execFile, execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDaemon, aStateDirectory, aVmRequest, call } from '#test/worker/daemon/daemon.ts'
import { addLinuxIso } from '../guest/linux-guest.ts'
import { expectContent, stretchOf, writeDisk } from '../hypervisor/disk-content.ts'
import { startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { filesOf, sourcesOf } from '../hypervisor/node-vms.ts'

const run = promisify(execFile)
const unavailable = libvirtAvailable()
/** Debian's, which has the modules; another one may come first on the PATH. */
const python = '/usr/bin/python3'
const noPython = unavailable ?? whyNoPython()
const skipped = (reason: string | null) => (reason ? `, skipped: ${reason}` : '')

const live = unavailable ? null : await startLive()

async function startLive() {
  // Of KVM guests, an emulated KVM gets none through its firmware.
  const node = await startLibvirtNode({ virtType: 'qemu' })
  await addLinuxIso(node)
  const daemon = await aDaemon(node.hypervisor, node.options.stateDirectory)
  afterAll(async () => {
    await daemon.close()
    await node.close()
  })
  return { node, ...daemon }
}

function whyNoPython(): string | null {
  try {
    execFileSync(python, ['-c', 'import grpc, grpc_tools.protoc'], { stdio: 'ignore' })
    return null
  } catch {
    return 'Debian packages python3-grpc-tools and python3-pkg-resources are not installed'
  }
}

test.skipIf(unavailable)(
  `by gRPC alone a VM on libvirt goes back to what was on its disk, and leaves nothing when it is deleted${skipped(unavailable)}`,
  async () => {
    if (!live) throw new Error('libvirt is not there')
    const { node, client } = live
    const vm = aVmRequest('alone')
    const { vmId } = vm
    await call(client, 'CreateVM', vm)
    await call(client, 'StartVM', { vmId })
    const [before, after] = [stretchOf(0, 1, 1), stretchOf(0, 1, 2)]
    await writeDisk(node, vmId, [before])
    const { snapshotId } = await call(client, 'CreateSnapshot', { vmId, name: 'first', diskOnly: true })
    await writeDisk(node, vmId, [after])

    await call(client, 'RevertSnapshot', { vmId, snapshotId })
    const { inactive } = await sourcesOf(node, vmId)
    await expectContent(node, path.basename(inactive[0] ?? ''), [before])
    await call(client, 'DeleteSnapshot', { vmId, snapshotId })
    const { snapshots } = await call(client, 'ListSnapshots', { vmId })
    expect(snapshots.map(({ name }) => name)).toEqual(['before-revert-to-first'])
    await call(client, 'StartVM', { vmId })
    expect(await call(client, 'GetVMStatus', { vmId })).toMatchObject({ state: 'POWER_STATE_RUNNING' })
    await call(client, 'ForceStopVM', { vmId })
    await call(client, 'DeleteVM', { vmId })
    expect(await filesOf(node, vmId)).toEqual([])
  },
)

test.skipIf(unavailable)(
  `by gRPC alone devices come to a running VM with cloud-init data on libvirt, and go from a stopped one${skipped(unavailable)}`,
  async () => {
    if (!live) throw new Error('libvirt is not there')
    const { node, client } = live
    const vm = aVmRequest('devices')
    const { vmId } = vm
    const secrets = { cloudInit: { userData: '#!/bin/sh\n' }, console: { vncEnabled: true, vncPassword: 'k3T9w2Qa' } }
    await call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, ...secrets, cdroms: [{}] } })
    expect(await filesOf(node, vmId)).toEqual([`${vmId}.seed.iso`, `${vmId}.vda.qcow2`])
    await call(client, 'StartVM', { vmId })
    await call(client, 'AttachDisk', { vmId, disk: { sizeGib: 1 } })
    await call(client, 'ChangeMedia', { vmId, device: 'sda' })
    const { live: running, inactive: before } = await sourcesOf(node, vmId)
    expect(running).toEqual(before)
    const files = before.filter((file) => file !== null)
    expect(files).toHaveLength(3)
    await call(client, 'ForceStopVM', { vmId })
    await call(client, 'DetachDisk', { vmId, diskId: 'vdc' })
    expect((await call(client, 'GetVMStatus', { vmId })).disks.map(({ id }) => id)).toEqual(['vda'])
    const { inactive: after } = await sourcesOf(node, vmId)
    expect(after.filter((file) => file !== null)).toEqual(files.filter((file) => !file.includes('.vdc.')))
    const [kept] = (await readdir(node.options.poolDirectory)).filter((name) => name.startsWith('volume-'))
    await call(client, 'AttachDisk', { vmId, disk: { path: kept ?? '' } })
    const { disks } = await call(client, 'GetVMStatus', { vmId })
    expect(disks).toMatchObject([{ id: 'vda' }, { id: 'vdc', sizeGib: 1 }])
    await call(client, 'DeleteVM', { vmId })
    expect(await filesOf(node, vmId)).toEqual([])
  },
)

test.skipIf(noPython)(
  `a client in another language, made of the proto file alone, drives a VM and its guest on libvirt${skipped(noPython)}`,
  async ({ onTestFinished }) => {
    if (!live) throw new Error('libvirt is not there')
    const generated = aStateDirectory(onTestFinished)
    const outputs = [`--python_out=${generated}`, `--grpc_python_out=${generated}`]
    const file = 'limiquantix/node/v1/node_daemon.proto'
    await run(python, ['-m', 'grpc_tools.protoc', '-I', 'proto', ...outputs, file])
    const vmId = randomUUID()
    const script = path.join(import.meta.dirname, 'client.py')
    const env = { ...process.env, PYTHONPATH: generated }
    const { stdout } = await run(python, [script, `127.0.0.1:${live.port}`, vmId, 'guest.iso'], { env })
    expect(stdout.trim().split('\n').at(-1)).toBe('NOT_FOUND')
    expect(await filesOf(live.node, vmId)).toEqual([])
  },
)
