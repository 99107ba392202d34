import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placeWithinReach } from '#infra/placement.ts'
import { findUser, isRoot } from '#infra/system-user.ts'

describe.skipIf(!isRoot())('where root places the state (needs root to ask for another user)', async () => {
  const nobody = await findUser('nobody')
  if (!nobody) throw new Error('There is no user nobody')
  let home = ''
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'home-'))
  })
  afterAll(() => rm(home, { recursive: true }))

  test('a directory that the user can enter is taken as it is, also before it exists', async () => {
    await chmod(home, 0o755)
    const wanted = path.join(home, 'checkout', '.quantix')
    expect(await placeWithinReach(nobody, wanted)).toBe(wanted)
  })

  test('a directory below a home that only its owner may enter has a place of its own elsewhere', async () => {
    await chmod(home, 0o700)
    const one = await placeWithinReach(nobody, path.join(home, 'one', '.quantix'))
    const other = await placeWithinReach(nobody, path.join(home, 'other', '.quantix'))
    expect(one).toMatch(/^\/var\/lib\/quantix\/quantix-[0-9a-f]{12}$/)
    expect(other).not.toBe(one)
    expect(await placeWithinReach(nobody, path.join(home, 'one', '.quantix'))).toBe(one)
  })
})
