import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { notEnded } from '#test/support/processes.ts'
import { privateSettings, runCommand } from './run-command.ts'

const tourState = (settings: Record<string, string>) => path.join(settings.QUANTIX_STATE ?? '', 'quickstart')

test('the tour on the simulated hypervisor prints the published table, and says that it proves nothing', async () => {
  const settings = await privateSettings()
  const quickstart = runCommand(['infra/quickstart.ts'], settings)
  expect(await quickstart.ended(), quickstart.output()).toBe(0)
  expect(quickstart.output()).toContain('| With memory   | ✗ Not supported  | ✓ Works    |')
  expect(quickstart.output()).toContain("Reconfigure the VM to use 'host-model' CPU instead of 'host-passthrough'")
  expect(quickstart.output()).toContain('NOTHING WAS PROVEN ABOUT LIBVIRT')
  expect(existsSync(tourState(settings))).toBe(false)
})

test('Ctrl-C in the middle of the tour cleans up as well', async () => {
  const settings = await privateSettings()
  const quickstart = runCommand(['infra/quickstart.ts'], settings)
  await quickstart.printed('The main job')
  const processes = quickstart.processes()
  quickstart.kill('SIGINT')
  await quickstart.ended()
  expect(await notEnded(processes)).toEqual([])
  expect(existsSync(tourState(settings))).toBe(false)
})

test('--keep leaves it serving with its VMs until Ctrl-C', async () => {
  const settings = await privateSettings()
  const quickstart = runCommand(['infra/quickstart.ts', '--keep'], settings)
  await quickstart.printed('Kept.')
  const vms = await fetch(`http://127.0.0.1:${settings.QUANTIX_PORT}/api/v1/vms`).then((answer) => answer.json())
  expect(vms).toMatchObject({ items: [{ status: { state: 'STOPPED' } }, { status: { state: 'STOPPED' } }] })
  quickstart.kill('SIGINT')
  expect(await quickstart.ended()).toBe(0)
  expect(existsSync(path.join(settings.QUANTIX_STATE ?? '', 'postgres'))).toBe(true)
})
