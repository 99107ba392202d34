import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { isStartingUp, readState } from '#worker/hypervisor/libvirt/domain.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aVm, domainOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(
  `a VM that libvirt never goes on with${unavailable ? `, skipped: ${unavailable}` : ''}`,
  () => {
    let node: LibvirtNode
    beforeAll(async () => {
      node = await startLibvirtNode({ virtType: 'qemu' })
    })
    afterAll(() => node?.close())

    /** libvirt's status files of the VMs that it starts. */
    async function statuses(): Promise<string[]> {
      const directory = path.join(node.host.directory, 'run/qemu')
      const names = (await readdir(directory)).filter((name) => name.endsWith('.xml'))
      return Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8').catch(() => '')))
    }

    test('since it was killed as it started it says so, and what to do, whatever is asked', async ({ skip }) => {
      const vmId = await aVm(node)
      const begun = node.hypervisor.startVm(vmId).catch((error) => error)
      const hasNoQemuYet = async () => (await statuses()).some((status) => status.includes("pid='0'"))
      await expect.poll(hasNoQemuYet, { interval: 1, timeout: 30_000 }).toBe(true)
      await node.host.kill('SIGKILL')
      await node.host.restart()
      expect(await begun).toMatchObject({ code: 'unavailable' })
      const dom = await domainOf(node, vmId)
      skip(!isStartingUp(await readState(node.connection, dom)), 'this libvirt has ended the VM that it was starting')
      const hypervisor = await node.reopen()
      // Each waits 30 s for libvirt; what looks at the disks first waits twice.
      const asked = [() => hypervisor.startVm(vmId), () => hypervisor.destroyVm(vmId), () => hypervisor.resumeVm(vmId)]
      const answers = await Promise.allSettled(asked.map((ask) => ask()))
      const message = expect.stringContaining(`/run/libvirt/qemu/${dom.name}.xml`)
      for (const answer of answers) {
        expect(answer).toMatchObject({ reason: { code: 'unavailable', reason: 'VM_HALF_STARTED', message } })
      }
    })
  },
)
