import { expect, test } from 'vitest'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import { sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import type { SecretName } from '#db/secrets/vm-secrets.ts'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { db, holdsTheGuarantees, node, perform } from './harness.ts'

const keyless = secretBox([])
const userData = '#!/bin/sh\necho canary-4711\n'
const spec = aSpec({ cloudInit: { userDataSet: true }, display: { passwordSet: true } })

/** A VM's row with its secrets; nothing is on the node yet. */
async function aVmWithSecrets() {
  const vm = await aVm(db, node.nodeId, { state: 'CREATING', spec })
  await setSecrets(vm.id, { 'cloudInit.userData': userData, 'display.password': 'k3T9w2Qa' })
  return vm
}

async function setSecrets(vmId: string, given: Partial<Record<SecretName, string>>): Promise<void> {
  for (const { name, ...sealed } of (await sealedSecrets(testSecretBox, vmId, given)) ?? []) {
    await db.drizzle
      .insert(vmSecrets)
      .values({ vmId, name, ...sealed })
      .onConflictDoUpdate({ target: [vmSecrets.vmId, vmSecrets.name], set: sealed })
  }
}

holdsTheGuarantees({
  kind: 'vm.create',
  async arrange() {
    const vm = await aVmWithSecrets()
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.files).toEqual([`${vm.id}.vda.qcow2`, `${vm.id}.seed.iso`])
    const [operation] = await db.sql`select row_to_json(o) as row from operations o where vm_id = ${vm.id}`
    expect(JSON.stringify([operation, contents])).not.toMatch(/canary|k3T9w2Qa/)
  },
  async expectUndone({ contents }) {
    expect(contents).toEqual({ vms: {}, files: [] })
  },
})

test('a worker without the key makes no VM with secrets, and says why', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmWithSecrets()
  const operation = await perform(await anOperation(db, vm, 'vm.create'), { hypervisor, secretBox: keyless })
  expect(operation).toMatchObject({
    status: 'failed',
    error: { code: 'failed_precondition', reason: 'SECRET_KEY_UNKNOWN' },
  })
  expect(hypervisor.contents).toEqual({ vms: {}, files: [] })
  expect((await readVm(db, vm.id))?.message).toContain('cloudInit.userData was sealed with key')
})

test('a start needs no key while the seed is there; it makes one anew that is gone, or is of other data', async () => {
  const made: string[] = []
  const hypervisor = createSimulatedHypervisor()
  const { ensureSeed } = hypervisor
  const watched = Object.assign(hypervisor, {
    ensureSeed: (seed: Parameters<typeof ensureSeed>[0]) =>
      ensureSeed({
        ...seed,
        files: async () => {
          const files = await seed.files()
          made.push(files['user-data'] ?? '')
          return files
        },
      }),
  })
  const vm = await aVmWithSecrets()
  const start = async (box = testSecretBox) => {
    const { status, error } = await perform(await anOperation(db, vm, 'vm.start'), {
      hypervisor: watched,
      secretBox: box,
    })
    await hypervisor.destroyVm(vm.id)
    return error?.reason ?? status
  }
  await perform(await anOperation(db, vm, 'vm.create'), { hypervisor: watched })
  expect(await start(keyless)).toBe('succeeded')
  expect(made).toEqual([userData])

  await setSecrets(vm.id, { 'cloudInit.userData': '#!/bin/sh\n' })
  expect(await start(keyless)).toBe('SECRET_KEY_UNKNOWN')
  expect((await readVm(db, vm.id))?.state).toBe('STOPPED')
  expect(await start()).toBe('succeeded')
  expect(made).toEqual([userData, '#!/bin/sh\n'])
})
