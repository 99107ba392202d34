import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { secretBox } from '#db/secrets/secret-box.ts'
import { loadSettings } from '#db/settings.ts'

const aKey = () => new Uint8Array(randomBytes(32))
const place = { id: 'vm', name: 'display.password' }

test('what was sealed opens again, and looks like another text each time', async () => {
  const box = secretBox([aKey()])
  const sealed = [await box.seal(place, 'pässword ☃'), await box.seal(place, 'pässword ☃')]
  expect(await Promise.all(sealed.map((one) => box.open(place, one)))).toEqual(['pässword ☃', 'pässword ☃'])
  expect(JSON.stringify(sealed)).not.toContain('word')
  expect(sealed[0]?.ciphertext).not.toBe(sealed[1]?.ciphertext)
})

test('sealed for one VM or one field, it does not open for another', async () => {
  const box = secretBox([aKey()])
  const sealed = await box.seal(place, 'text')
  const damaged = { code: 'failed_precondition', reason: 'SECRET_DAMAGED' }
  await expect(box.open({ ...place, id: 'other' }, sealed)).rejects.toMatchObject(damaged)
  await expect(box.open({ ...place, name: 'cloudInit.userData' }, sealed)).rejects.toMatchObject(damaged)
  const ciphertext = sealed.ciphertext.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
  await expect(box.open(place, { ...sealed, ciphertext })).rejects.toMatchObject(damaged)
})

test('a new key seals, and the old one behind it still opens', async () => {
  const [old, next] = [aKey(), aKey()]
  const sealed = await secretBox([old]).seal(place, 'text')
  const both = secretBox([next, old])
  expect(await both.open(place, sealed)).toBe('text')
  expect((await both.seal(place, 'text')).keyId).not.toBe(sealed.keyId)
  await expect(secretBox([next]).open(place, sealed)).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'SECRET_KEY_UNKNOWN',
    details: { name: 'display.password', keyId: sealed.keyId },
  })
})

test('without a key nothing is sealed, and the refusal says what to set', async () => {
  await expect(secretBox([]).seal(place, 'text')).rejects.toMatchObject({
    reason: 'SECRET_KEY_MISSING',
    message: expect.stringContaining('QUANTIX_SECRET_KEY'),
  })
})

test('QUANTIX_SECRET_KEY is one key or several of 32 bytes, and a wrong one is refused without being repeated', () => {
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  expect(loadSettings({}).secretKeys).toEqual([])
  expect(loadSettings({ QUANTIX_SECRET_KEY: first }).secretKeys).toHaveLength(1)
  expect(loadSettings({ QUANTIX_SECRET_KEY: `${first}, ${second}` }).secretKeys).toHaveLength(2)
  for (const wrong of ['c2hvcnQ=', `${first},c2hvcnQ=`, 'not base64 at all!']) {
    const load = () => loadSettings({ QUANTIX_SECRET_KEY: wrong })
    expect(load).toThrow('QUANTIX_SECRET_KEY: must be 32 random bytes in base64')
    expect(load).not.toThrow(wrong)
  }
})
