import { expect, test } from 'vitest'
import { parseWriteLocks } from '#worker/hypervisor/libvirt/file-locks.ts'

test('files that QEMU may write to are known by its lock, and no other lock is taken for it', () => {
  const locks = [
    '1: OFDLCK ADVISORY  READ -1 fe:00:11 100 101',
    '2: OFDLCK ADVISORY  READ -1 fe:00:11 203 203',
    '3: OFDLCK ADVISORY  READ -1 fe:00:12 100 100',
    '4: OFDLCK ADVISORY  READ -1 fe:00:12 201 201',
    '5: POSIX  ADVISORY  WRITE 815 fe:00:13 0 EOF',
    '6: FLOCK  ADVISORY  WRITE 815 fe:00:14 0 EOF',
    '7: OFDLCK ADVISORY  WRITE -1 103:10a:15 101 EOF',
    '7: -> OFDLCK ADVISORY  WRITE -1 fe:00:16 101 101',
    '',
  ]
  expect([...parseWriteLocks(locks.join('\n'))]).toEqual(['254:0:11', '259:266:15'])
})
