import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { type ConsolePage, openConsole } from './console-page.ts'
import { headers, onPostgres, spec, startSystem, succeeded } from './system.ts'

const { url, client } = await startSystem(onPostgres, createSimulatedHypervisor())

/** A VM that runs. */
async function running(name: string, cpuMode: 'host-model' | 'host-passthrough') {
  const vm = succeeded(await sdk.createVm({ client, headers, body: { name, spec: { ...spec, cpuMode } } }))
  return succeeded(await sdk.startVm({ client, headers, path: { id: vm.id } }))
}

const vmNamed = async (name: string) =>
  succeeded(await sdk.listVms({ client })).items.find((vm) => vm.name === name) as sdk.Vm

/** Leads the focus to something, as who has no mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    page.evaluate<string>("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
  for (let steps = 0; steps < 60; steps++) {
    if ((await focused()) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${name}`)
}

describe.skipIf(!existsSync('/usr/bin/chromium'))('the console (needs Chromium)', () => {
  test('a VM of each mode is made by the keyboard alone, and runs', async () => {
    for (const [name, mode, keys] of [
      ['by-keys-flexible', 'host-model', []],
      ['by-keys-performance', 'host-passthrough', ['ArrowDown']],
    ] as const) {
      const { page, expectQuiet } = await openConsole(url, '/vms/new')
      // The name has the focus.
      await page.getByRole('textbox', { name: 'Name' }).waitFor()
      await page.keyboard.type(name)
      await tabTo(page, 'Next')
      await page.keyboard.press('Enter')
      await page.getByRole('radio', { name: 'Quantix Flexible' }).waitFor()
      expect(await page.getByRole('radio', { name: 'Quantix Flexible' }).getAttribute('aria-checked')).toBe('true')
      if (keys.length > 0) {
        await page.getByRole('radio', { name: 'Quantix Flexible' }).focus()
        for (const key of keys) await page.keyboard.press(key)
      }
      await tabTo(page, 'Create VM')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name }).waitFor()
      await page.getByText('RUNNING', { exact: true }).waitFor()
      expect(await vmNamed(name)).toMatchObject({ spec: { cpuMode: mode }, status: { state: 'RUNNING' } })
      expectQuiet()
    }
  })

  test('by mouse through every step; the review says what was chosen', async () => {
    const { page, look, expectQuiet } = await openConsole(url, '/vms')
    await look('list')
    await page.getByRole('link', { name: 'Create a VM' }).first().click()
    await page.getByRole('textbox', { name: 'Name' }).fill('by-mouse')
    await look('create-basics')
    const next = page.getByRole('button', { name: 'Next' })
    await next.click()
    await page.getByRole('radio', { name: 'Quantix Performance' }).click()
    await look('create-hardware')
    for (const step of ['media', 'storage', 'network', 'guest', 'review']) {
      await next.click()
      await look(`create-${step}`)
    }
    await page.getByText('Quantix Performance (single-host)').waitFor()
    await page.getByRole('button', { name: 'Create VM' }).click()
    await page.getByRole('heading', { name: 'by-mouse' }).waitFor()
    expect(await vmNamed('by-mouse')).toMatchObject({ spec: { cpuMode: 'host-passthrough' } })
    await look('vm-overview')
    expectQuiet()
  })

  test('of a running Performance VM memory cannot be chosen, and the reason is there; the disk is snapshotted, reverted to, deleted', async () => {
    const { id } = await running('snapshotted', 'host-passthrough')
    const { page, look, expectQuiet } = await openConsole(url, `/vms/${id}?tab=snapshots`)
    const take = page.getByRole('button', { name: 'Take a snapshot' })
    await take.first().click()
    const memory = page.getByRole('checkbox', { name: 'Include memory state' })
    await memory.waitFor()
    expect(await memory.isDisabled()).toBe(true)
    expect(await page.getByRole('dialog').textContent()).toContain(memorySnapshotBlockedMessage)
    await look('snapshot-take')
    await page.getByRole('textbox', { name: 'Name' }).fill('first')
    await take.last().click()
    await page.getByRole('cell', { name: 'Disk-only' }).waitFor()
    await look('snapshots')
    await page.getByRole('button', { name: 'Revert' }).click()
    await page.getByText('What is current now is kept as a snapshot.').waitFor()
    await look('snapshot-revert')
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click()
    await page.getByRole('cell', { name: /^before-revert-to-first/ }).waitFor()
    const rows = page.getByRole('row').filter({ hasText: 'before-revert-to-first' })
    await rows.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await rows.waitFor({ state: 'detached' })
    expectQuiet()
  })

  describe('a refusal that comes all the same is shown whole, and each of its ways out is a button that does it', () => {
    /** A dialog in which memory was chosen as long as it was allowed, and then refused. */
    async function refused(name: string): Promise<ConsolePage & { id: string }> {
      const { id } = await running(name, 'host-passthrough')
      const opened = await openConsole(url)
      const { page } = opened
      await page.route('**/snapshot-capabilities', async (route) => {
        const answer = await (await route.fetch()).json()
        await route.fulfill({ json: { ...answer, memory: { ...answer.memory, allowed: true, remedies: [] } } })
      })
      await page.goto(`${url}/#/vms/${id}?tab=snapshots`)
      const take = page.getByRole('button', { name: 'Take a snapshot' })
      await take.first().click()
      await page.getByRole('textbox', { name: 'Name' }).fill('wanted')
      await page.getByRole('checkbox', { name: 'Include memory state' }).click()
      await take.last().click()
      await page.getByRole('alert').waitFor()
      expect(await page.getByRole('alert').textContent()).toContain(memorySnapshotBlockedMessage)
      return { ...opened, id }
    }

    const taken = async (id: string) => succeeded(await sdk.listSnapshots({ client, path: { id } })).items

    test('a disk-only snapshot', async () => {
      const { page, look, id } = await refused('refused-disk-only')
      await look('snapshot-refusal')
      await page.getByRole('button', { name: 'Take a disk-only snapshot instead' }).click()
      await page.getByRole('cell', { name: 'Disk-only' }).waitFor()
      expect(await taken(id)).toMatchObject([{ name: 'wanted', kind: 'disk-only' }])
    })

    test('stop, then snapshot', async () => {
      const { page, id } = await refused('refused-stop')
      await page.getByRole('button', { name: 'Shut the VM down, then take the snapshot' }).click()
      await page.getByRole('cell', { name: 'Stopped VM' }).waitFor()
      expect(await taken(id)).toMatchObject([{ name: 'wanted', kind: 'offline' }])
    })

    test('Flexible at the next start', async () => {
      const { page, id } = await refused('refused-mode')
      await page.getByRole('button', { name: 'Change it to Quantix Flexible at its next start' }).click()
      await page.getByText('Something waits for the next start').waitFor()
      const vm = succeeded(await sdk.getVm({ client, path: { id } }))
      expect(vm).toMatchObject({ spec: { cpuMode: 'host-model' }, status: { pendingRestart: true } })
    })
  })

  test('what is not possible is shown with its reason, also to the keyboard', async () => {
    const { id } = await running('told-why', 'host-model')
    const { page, look, expectQuiet } = await openConsole(url, `/vms/${id}`)
    const start = page.getByRole('button', { name: 'Start', exact: true })
    expect(await start.getAttribute('aria-disabled')).toBe('true')
    await start.focus()
    await page.getByRole('tooltip').getByText('is RUNNING').waitFor()
    await page.getByRole('button', { name: 'More actions: told-why' }).click()
    const resume = page.getByRole('menuitem', { name: 'Resume' })
    expect(await resume.textContent()).toContain('It can be resumed when it is PAUSED')
    await look('vm-menu')
    expectQuiet()
  })

  test('the other pages are as they are to be', async () => {
    const { page, look, expectQuiet } = await openConsole(url, '/nodes')
    await page.getByText('Simulated: no VM really runs.').waitFor()
    await look('nodes')
    await page.getByRole('link', { name: 'Images' }).click()
    await page.getByText('No image yet.').waitFor()
    await look('images')
    await page.getByRole('button', { name: /^Operations/ }).click()
    await page.getByRole('dialog').getByText('vm.create', { exact: false }).first().waitFor()
    await look('operations')
    await page.goto(`${url}/#/nowhere`)
    await page.getByText('There is no such page.').waitFor()
    expectQuiet()
  })
})
