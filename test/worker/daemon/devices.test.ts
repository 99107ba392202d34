import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { writeImage } from '#test/support/image-files.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aNodeOf, everyOwner, type Owner } from './a-node-of.ts'
import { aStateDirectory, aVmRequest, call, type OnTestFinished } from './daemon.ts'

const mac = '52:54:00:12:34:56'

async function aNodeWithAVm(onTestFinished: OnTestFinished, owner: Owner = 'of its own') {
  const imagesDirectory = aStateDirectory(onTestFinished)
  await writeImage(`${imagesDirectory}/tools.iso`, 2 ** 20)
  const hypervisor = createSimulatedHypervisor({ imagesDirectory })
  const { client } = await aNodeOf(owner, onTestFinished, hypervisor)
  const vm = aVmRequest(`vm-${randomUUID()}`)
  const { vmId } = vm
  await call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, cdroms: [{ id: 'sda' }] } })
  const devices = () => {
    const { definition, running } = hypervisor.contents.vms[vmId] ?? {}
    return [definition, running]
      .map((one) => one?.spec)
      .map((spec) => spec && [...spec.disks.map(({ target }) => target), ...spec.nics.map((nic) => nic.mac)])
  }
  return { client, hypervisor, vmId, devices }
}

const everyCase = ['stopped', 'running'].flatMap((state) => everyOwner.map((owner) => ({ state, owner })))

test.for(everyCase)(
  'devices come to a $state VM on a node $owner and go by gRPC',
  async (given, { onTestFinished }) => {
    const { state, owner } = given
    const { client, hypervisor, vmId, devices } = await aNodeWithAVm(onTestFinished, owner)
    if (state === 'running') await call(client, 'StartVM', { vmId })
    const has = (...names: string[]) => expect(devices()).toEqual([names, state === 'running' ? names : undefined])

    await call(client, 'AttachDisk', { vmId, disk: { sizeGib: 2, iopsLimit: 100 } })
    await call(client, 'AttachNIC', { vmId, nic: { network: 'default', macAddress: mac } })
    has('vda', 'vdb', mac)
    const { disks } = await call(client, 'GetVMStatus', { vmId })
    expect(disks).toMatchObject([{ id: 'vda' }, { id: 'vdb', sizeGib: 2, iopsLimit: 100 }])
    await call(client, 'DetachNIC', { vmId, nicId: mac.toUpperCase() })
    await call(client, 'DetachDisk', { vmId, diskId: 'vdb' })
    has('vda')
    const kept = hypervisor.contents.files.find((file) => file.startsWith('volume-')) ?? ''
    await call(client, 'AttachDisk', { vmId, disk: { path: kept } })
    has('vda', 'vdb')
    expect(hypervisor.contents.files).not.toContain(kept)

    const medium = () => hypervisor.contents.vms[vmId]?.definition.spec.cdroms
    await call(client, 'ChangeMedia', { vmId, device: 'sda', isoPath: 'tools.iso' })
    expect(medium()).toEqual([{ target: 'sda', iso: 'tools.iso' }])
    await call(client, 'ChangeMedia', { vmId, device: 'sda' })
    expect(medium()).toEqual([{ target: 'sda', iso: null }])
  },
)

const disk = { sizeGib: 1 }
const volume = `volume-${randomUUID()}.qcow2`
const nic = { network: 'default' }
const { INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION } = status
type DeviceMethod = 'AttachDisk' | 'DetachDisk' | 'AttachNIC' | 'DetachNIC' | 'ChangeMedia'

const refusals: [string, DeviceMethod, object, status, string][] = [
  ['a disk of nothing', 'AttachDisk', { disk: {} }, INVALID_ARGUMENT, 'needs sizeGib'],
  ['no disk', 'AttachDisk', {}, INVALID_ARGUMENT, 'disk'],
  ['a disk whose name is taken', 'AttachDisk', { disk: { ...disk, id: 'vda' } }, INVALID_ARGUMENT, 'disk.target'],
  ['a disk of a pool', 'AttachDisk', { disk: { ...disk, poolId: 'fast' } }, INVALID_ARGUMENT, 'disk.poolId'],
  ['a file of its choice', 'AttachDisk', { disk: { path: '/etc/passwd' } }, INVALID_ARGUMENT, 'disk.path'],
  ["another VM's disk", 'AttachDisk', { disk: { path: `${randomUUID()}.vda.qcow2` } }, INVALID_ARGUMENT, 'disk.path'],
  ['a volume with a size', 'AttachDisk', { disk: { ...disk, path: volume } }, INVALID_ARGUMENT, 'disk.sizeGib'],
  ['a volume that is not there', 'AttachDisk', { disk: { path: volume } }, NOT_FOUND, volume],
  ['an image outside', 'AttachDisk', { disk: { backingFile: '../a' } }, INVALID_ARGUMENT, 'disk.backingFile'],
  ['SATA while it runs', 'AttachDisk', { disk: { ...disk, bus: 2 } }, FAILED_PRECONDITION, 'bus sata'],
  ['a disk that it has not', 'DetachDisk', { diskId: 'vdx' }, NOT_FOUND, 'no disk vdx'],
  ['a path for a disk', 'DetachDisk', { diskId: '../vda' }, INVALID_ARGUMENT, 'diskId'],
  ['a card on nothing', 'AttachNIC', { nic: {} }, INVALID_ARGUMENT, 'needs network or bridge'],
  [
    'a card for many',
    'AttachNIC',
    { nic: { ...nic, macAddress: '01:00:5e:00:00:01' } },
    INVALID_ARGUMENT,
    'macAddress',
  ],
  ['a card that it has not', 'DetachNIC', { nicId: mac }, NOT_FOUND, `no network card ${mac}`],
  ['a card by another name', 'DetachNIC', { nicId: 'net0' }, INVALID_ARGUMENT, 'nicId'],
  ['an ISO outside', 'ChangeMedia', { device: 'sda', isoPath: '/etc/passwd' }, INVALID_ARGUMENT, 'isoPath'],
  ['an ISO that is not there', 'ChangeMedia', { device: 'sda', isoPath: 'no.iso' }, NOT_FOUND, 'no.iso'],
  ['a drive that it has not', 'ChangeMedia', { device: 'sdb' }, NOT_FOUND, 'no cdrom drive sdb'],
]

test('what cannot be done to devices is refused with the code for it, and nothing changes', async ({
  onTestFinished,
}) => {
  const { client, hypervisor, vmId } = await aNodeWithAVm(onTestFinished)
  await call(client, 'StartVM', { vmId })
  const before = structuredClone(hypervisor.contents)
  for (const [what, method, request, code, text] of refusals) {
    const details = expect.stringContaining(text)
    await expect(call(client, method, { vmId, ...request }), what).rejects.toMatchObject({ code, details })
  }
  const elsewhere = { vmId: randomUUID(), disk }
  await expect(call(client, 'AttachDisk', elsewhere)).rejects.toMatchObject({ code: NOT_FOUND })
  expect(hypervisor.contents).toEqual(before)
})

test('a VM that has snapshots keeps the disks that they hold', async ({ onTestFinished }) => {
  const { client, vmId } = await aNodeWithAVm(onTestFinished)
  const { snapshotId } = await call(client, 'CreateSnapshot', { vmId, name: 'first' })
  const refused = { code: FAILED_PRECONDITION, details: expect.stringContaining('has snapshots (1)') }
  await expect(call(client, 'AttachDisk', { vmId, disk })).rejects.toMatchObject(refused)
  await expect(call(client, 'DetachDisk', { vmId, diskId: 'vda' })).rejects.toMatchObject(refused)
  await call(client, 'AttachNIC', { vmId, nic })
  await call(client, 'DeleteSnapshot', { vmId, snapshotId })
  await call(client, 'AttachDisk', { vmId, disk })
})
