import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { packagesMatchLockfile } from '#infra/packages-match-lockfile.js'

type Packages = Record<string, { version?: string; optional?: boolean }>

async function checkout(wanted: Packages, installed: Packages | null): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'checkout-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await mkdir(path.join(root, 'node_modules'))
  await writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }))
  if (installed) {
    await writeFile(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }))
  }
  return root
}

const hono = { 'node_modules/hono': { version: '4.0.0' } }
const darwin = { 'node_modules/esbuild-darwin': { version: '1.0.0', optional: true } }

test.each<[string, Packages, Packages | null, boolean]>([
  ['all that the lockfile names is there', hono, hono, true],
  ['a package of another platform is missing', { ...hono, ...darwin }, hono, true],
  ['nothing was ever installed, or npm was interrupted', hono, null, false],
  ['a package has another version', hono, { 'node_modules/hono': { version: '3.0.0' } }, false],
  ['a package is missing', hono, {}, false],
  ['a package is there that the lockfile no longer names', {}, hono, false],
])('%s', async (_, wanted, installed, matches) => {
  expect(packagesMatchLockfile(await checkout(wanted, installed))).toBe(matches)
})
