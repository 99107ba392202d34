import path from 'node:path'
import { expect, test } from 'vitest'
import { loadSettings } from '#db/settings.ts'

test('storage pools may be in the state directory, or where the node says', () => {
  expect(loadSettings({ QUANTIX_STATE: '/srv/state' }).poolDirectories).toEqual(['/srv/state/pools'])
  expect(loadSettings({}).poolDirectories.every((directory) => path.isAbsolute(directory))).toBe(true)
  const { poolDirectories } = loadSettings({ QUANTIX_POOL_DIRECTORIES: '/srv/pools, /mnt/fast/,' })
  expect(poolDirectories).toEqual(['/srv/pools', '/mnt/fast'])
})

test('a directory for pools that depends on where a program was started is refused', () => {
  expect(() => loadSettings({ QUANTIX_POOL_DIRECTORIES: '/srv/pools,pools' })).toThrow(
    'QUANTIX_POOL_DIRECTORIES: "pools" does not begin with /',
  )
})
