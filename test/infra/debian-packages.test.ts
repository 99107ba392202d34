import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingPackages } from '#infra/setup/debian-packages.ts'

test.skipIf(!existsSync('/usr/bin/dpkg-query'))(
  'what dpkg does not have, or never heard of, is missing (needs Debian)',
  async () => {
    expect(await missingPackages(['dpkg', 'quantix-no-such-package', 'coreutils'])).toEqual(['quantix-no-such-package'])
    expect(await missingPackages(['dpkg'])).toEqual([])
  },
)
