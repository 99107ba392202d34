import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { missingPackages, readRelease } from '#infra/setup/debian-packages.ts'

test.skipIf(!existsSync('/usr/bin/dpkg-query'))(
  'what dpkg does not have, or never heard of, is missing (needs Debian)',
  async () => {
    expect(await missingPackages(['dpkg', 'quantix-no-such-package', 'coreutils'])).toEqual(['quantix-no-such-package'])
    expect(await missingPackages(['dpkg'])).toEqual([])
  },
)

test.for([
  ['PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n', 13],
  ['ID=ubuntu\nVERSION_ID="24.04"\n', 24],
  ['PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n', Infinity],
] as const)('the release of a Debian is read from what it says of itself: %s', async ([text, release]) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'os-release-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = path.join(directory, 'os-release')
  await writeFile(file, text)
  expect(await readRelease(file)).toBe(release)
})
