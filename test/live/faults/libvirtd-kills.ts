import { watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { eventually } from '#test/db/eventually.ts'
import { qemuPid } from '#test/support/processes.ts'
import { readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aRunningVm, domainOf, snapshotOf, sourcesOf } from '../hypervisor/node-vms.ts'
import { expectAsGuest, expectInFile, writeAsGuest } from './behind-libvirt.ts'

/** What kills of libvirtd inside its snapshots came to. */
export interface KillFigures {
  kills: number
  /** Kills that cut the call off: it ended without an answer. */
  cutOff: number
  /** QEMU wrote to an overlay that no definition named. */
  split: number
  /** Of those, where QEMU was killed too before anybody looked. */
  splitAndQemuKilled: number
  /** The next start would have taken the file of before. */
  inactiveBehind: number
  /** QEMU had the overlay open, and used it for nothing. */
  orphaned: number
  /** From libvirtd's restart until all agreed. */
  slowestRepairMs: number
  /** Patterns that were read again after a kill. */
  patternsRead: number
}

export const noKills: KillFigures = {
  kills: 0,
  cutOff: 0,
  split: 0,
  splitAndQemuKilled: 0,
  inactiveBehind: 0,
  orphaned: 0,
  slowestRepairMs: 0,
  patternsRead: 0,
}

/** Every fourth kill comes at any moment of a snapshot. */
const spreadMs = 200
/**
 * The others are aimed at the moment in which QEMU turns to the overlay: so long after the overlay's file appears, sooner
 * after a kill that came too late, later after one that came too early. A split lasts as long as libvirtd writes one file.
 */
const firstAimMs = 15
const aimStepMs = 2
const jitterMs = 5
const repairWithinMs = 10_000
/** After every kill the latest patterns are read again, and all of them from the stopped VM's file after a split. */
const readAgain = 4
/** libvirt 9.0 does not start much deeper chains. */
const overlaysMax = 8

/** Kills libvirtd inside snapshots of one VM until it is enough. Throws as soon as a byte is lost or a repair takes too long. */
export async function killInSnapshots(node: LibvirtNode, figures: KillFigures, isEnough: () => boolean): Promise<void> {
  let vm = await aWrittenVm(node)
  const aim = { afterMs: firstAimMs }
  for (let nth = 0; !isEnough(); nth++) {
    const sources = await killOnce(node, vm, nth, aim, figures)
    const deep = (await readdir(node.options.poolDirectory)).filter((name) => name.startsWith(vm.vmId)).length
    if (deep <= overlaysMax && sources === 'agreed') continue
    await expectColdPatterns(node, vm, figures)
    if (deep > overlaysMax) vm = await aWrittenVm(node, vm)
    else await node.hypervisor.startVm(vm.vmId)
  }
  await expectColdPatterns(node, vm, figures)
  await remove(node, vm)
}

interface WrittenVm {
  vmId: string
  /** What the guest wrote into each slot. */
  slots: number[]
}

async function aWrittenVm(node: LibvirtNode, last?: WrittenVm): Promise<WrittenVm> {
  if (last) await remove(node, last)
  return { vmId: await aRunningVm(node), slots: [] }
}

async function remove({ hypervisor }: LibvirtNode, { vmId }: WrittenVm): Promise<void> {
  await hypervisor.undefineVm(vmId)
  await hypervisor.deleteVmFiles(vmId)
}

async function write(node: LibvirtNode, { vmId, slots }: WrittenVm): Promise<void> {
  const byte = 1 + (slots.length % 255)
  await writeAsGuest(node, vmId, byte, slots.length)
  slots.push(byte)
}

async function killOnce(
  node: LibvirtNode,
  vm: WrittenVm,
  nth: number,
  aim: { afterMs: number },
  figures: KillFigures,
): Promise<'agreed' | 'split'> {
  const { vmId } = vm
  const request = snapshotOf(vmId, { includeMemory: nth % 6 === 5 })
  const overlay = overlayVolume(vmId, 'vda', request.snapshotId)
  await write(node, vm)
  const aimed = nth % 4 !== 3
  const appeared = aimed ? fileAppears(node.options.poolDirectory, overlay) : sleep((nth * 7) % spreadMs)
  const taking = node.hypervisor.createSnapshot(request).then(
    () => null,
    (error: AppError) => error,
  )
  await Promise.race([appeared, taking])
  if (aimed) await sleep(Math.max(0, aim.afterMs + ((nth * 3) % (2 * jitterMs + 1)) - jitterMs))
  await node.host.kill('SIGKILL')
  await node.host.restart()
  const restartedAt = performance.now()
  figures.kills++
  if ((await taking)?.code === 'unavailable') figures.cutOff++

  const { live, inactive, qemu } = await untilAnswered(() => sourcesOf(node, vmId))
  const isSplit = qemu[0] !== live[0]
  if (isSplit) figures.split++
  else if (aimed) aim.afterMs += qemu[0]?.endsWith(overlay) ? -aimStepMs : aimStepMs
  if (inactive[0] !== live[0]) figures.inactiveBehind++
  if (await isOrphaned(node, vmId, overlay, qemu)) figures.orphaned++
  // The guest does not know of any of this.
  await untilAnswered(() => write(node, vm))
  const killsQemu = isSplit && figures.split % 2 === 0
  if (killsQemu) {
    figures.splitAndQemuKilled++
    process.kill(qemuPid(vmId), 'SIGKILL')
    await untilItIs(node, vmId, 'STOPPED')
  }

  expect(await untilAnswered(() => node.hypervisor.checkDisks({ vmId, snapshots: [] }))).toBeNull()
  const after = await sourcesOf(node, vmId)
  expect(after.inactive).toEqual(after.live)
  expect(after.qemu).toEqual(killsQemu ? [] : after.live)
  const repairMs = performance.now() - restartedAt
  expect(repairMs).toBeLessThan(repairWithinMs)
  figures.slowestRepairMs = Math.max(figures.slowestRepairMs, Math.round(repairMs))

  if (killsQemu) await node.hypervisor.startVm(vmId)
  await untilAnswered(() => node.hypervisor.discardSnapshot(vmId, request.snapshotId))
  await untilItIs(node, vmId, 'RUNNING')
  const latest = [...vm.slots.entries()].slice(-readAgain)
  for (const [slot, byte] of latest) await expectAsGuest(node, vmId, byte, slot)
  figures.patternsRead += latest.length
  return isSplit ? 'split' : 'agreed'
}

/** What the next start would find on the disk. */
async function expectColdPatterns(node: LibvirtNode, { vmId, slots }: WrittenVm, figures: KillFigures) {
  await node.hypervisor.destroyVm(vmId)
  const [file] = (await sourcesOf(node, vmId)).inactive
  for (const [slot, byte] of slots.entries()) expectInFile(file ?? '', byte, slot)
  figures.patternsRead += slots.length
}

async function isOrphaned(node: LibvirtNode, vmId: string, overlay: string, qemu: (string | undefined)[]) {
  const nodes = await readQemuNodes(node.connection, await domainOf(node, vmId))
  return nodes.some(({ file }) => file.endsWith(overlay)) && !qemu[0]?.endsWith(overlay)
}

function fileAppears(directory: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(directory, (_, changed) => {
      if (changed !== name) return
      watcher.close()
      resolve()
    })
  })
}

const untilItIs = ({ hypervisor }: LibvirtNode, vmId: string, state: RunState) =>
  eventually(async () => (await hypervisor.observeVm(vmId))?.state === state, repairWithinMs)

/** The call's result, as soon as it has one. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  const end = Date.now() + repairWithinMs
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > end || (error as Error).name === 'AssertionError') throw error
      await sleep(20)
    }
  }
}
