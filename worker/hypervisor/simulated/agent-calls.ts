import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { holdErrors } from '../libvirt/freeze/hold-errors.ts'
import { runProgram } from './guest-programs.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import { requireAgent } from './require-agent.ts'
import type { SimulatedVm } from './state.ts'

const defaultMode = 0o644

/** What the agent of a simulated guest does: it has files, a clock and a few programs. */
export const agentCalls = (node: SimulatedNode) => {
  async function guestOf(vmId: string, signal: AbortSignal): Promise<SimulatedVm> {
    const vm = await requireAgent(node, vmId, signal)
    if (vm.hold) throw holdErrors.isFrozen("A guest's agent does nothing else")
    return vm
  }

  return {
    async pingAgent(vmId, signal) {
      await requireAgent(node, vmId, signal)
      return { version: 'simulated', uptimeSeconds: 0 }
    },
    async executeInGuest(request, signal) {
      const { guestFiles = {} } = await guestOf(request.vmId, signal)
      const { workingDirectory } = request
      if (workingDirectory !== null && !isDirectory(guestFiles, workingDirectory)) throw noDirectory(workingDirectory)
      return runProgram(request, signal)
    },
    async readGuestFile({ vmId, path: name, offset, maxBytes }, signal) {
      const { guestFiles = {} } = await guestOf(vmId, signal)
      const file = guestFiles[name]
      if (file === undefined) throw isDirectory(guestFiles, name) ? notAFile(name) : noFile(name)
      const all = Buffer.from(file.base64, 'base64')
      const data = all.subarray(offset, offset + maxBytes)
      return { data, totalBytes: all.length, isEnd: offset + data.length >= all.length }
    },
    async writeGuestFile({ vmId, path: name, data, mode, createParents }, signal) {
      const vm = await guestOf(vmId, signal)
      const { guestFiles = {} } = vm
      if (isDirectory(guestFiles, name)) throw notAFile(name)
      if (!createParents && !isDirectory(guestFiles, path.posix.dirname(name))) throw noFile(name)
      const base64 = Buffer.from(data).toString('base64')
      vm.guestFiles = { ...guestFiles, [name]: { base64, mode: mode ?? guestFiles[name]?.mode ?? defaultMode } }
      return data.length
    },
    async shutdownByAgent({ vmId, reboot }, signal) {
      await guestOf(vmId, signal)
      node.guestWill(vmId, () =>
        reboot ? node.tell({ vmId, state: 'RUNNING', rebooted: true }) : node.change(vmId, 'STOPPED', 'shutdown'),
      )
    },
    async syncTime({ vmId }, signal) {
      await guestOf(vmId, signal)
      return { offsetBeforeSeconds: 0, offsetAfterSeconds: 0, source: 'node' }
    },
  } satisfies Partial<SimulatedCalls>
}

/** Directories that every Linux has, and those in which there is a file. */
const isDirectory = (files: object, name: string): boolean =>
  ['/', '/tmp', '/etc'].includes(name) || Object.keys(files).some((file) => file.startsWith(`${name}/`))

const noFile = (name: string): AppError =>
  new AppError('not_found', `The guest has no file ${name}.`, { reason: 'GUEST_FILE_NOT_FOUND' })
const notAFile = (name: string): AppError =>
  new AppError('failed_precondition', `${name} is a directory.`, { reason: 'GUEST_FILE_FAILED' })
const noDirectory = (name: string): AppError =>
  new AppError('not_found', `The guest has no directory ${name}.`, { reason: 'GUEST_DIRECTORY_NOT_FOUND' })
