import { expect, test } from 'vitest'
import { everything, startTestApi, wantedVm } from './test-api.ts'

const api = await startTestApi()

const withFirmware = (firmware?: string) => {
  const vm = wantedVm()
  return { ...vm, spec: { ...vm.spec, firmware } }
}

test('a VM has the firmware that was asked for, and none is written down where none was', async () => {
  for (const firmware of ['bios', 'uefi', undefined]) {
    const { status, body } = await api.send('POST', '/api/v1/vms', withFirmware(firmware))
    expect(status).toBe(202)
    expect(body.spec.firmware).toBe(firmware)
  }
})

test('a firmware that there is not is refused with where the field is', async () => {
  const before = await everything(api.database)
  const { status, body } = await api.send('POST', '/api/v1/vms', withFirmware('coreboot'))
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'invalid_argument', details: { problems: [{ field: 'spec.firmware' }] } })
  expect(await everything(api.database)).toEqual(before)
})
