import { expect, test } from 'vitest'
import { loadOrder } from '#infra/guest/modules.ts'

// As depmod writes it: what a module needs directly or through others, nearest first.
const modulesDep = [
  'kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko',
  'kernel/drivers/virtio/virtio_ring.ko:',
  'kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko',
  'kernel/drivers/char/hw_random/virtio-rng.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko',
  'kernel/drivers/net/unrelated.ko:',
  '',
].join('\n')

// As the kernel's package holds it.
const modulesBuiltin = 'kernel/drivers/char/virtio_console.ko\nkernel/fs/ext4/ext4.ko\n'

test('a module is loaded once, after everything it needs, and nothing else is', () => {
  expect(loadOrder({ modulesDep, modulesBuiltin }, ['virtio_blk', 'virtio-rng'])).toEqual([
    'kernel/drivers/virtio/virtio_ring.ko',
    'kernel/drivers/virtio/virtio.ko',
    'kernel/drivers/block/virtio_blk.ko',
    'kernel/drivers/char/hw_random/virtio-rng.ko',
  ])
})

test('a module is found however its dashes are spelled, and compressed ones too', () => {
  expect(loadOrder({ modulesDep, modulesBuiltin }, ['virtio_rng']).at(-1)).toBe(
    'kernel/drivers/char/hw_random/virtio-rng.ko',
  )
  expect(loadOrder({ modulesDep: 'kernel/evdev.ko.xz:\n', modulesBuiltin }, ['evdev'])).toEqual(['kernel/evdev.ko.xz'])
})

test('a module that the kernel has built in is not loaded', () => {
  expect(loadOrder({ modulesDep, modulesBuiltin }, ['virtio-console', 'ext4'])).toEqual([])
})

test('a kernel without a needed module is refused by name', () => {
  expect(() => loadOrder({ modulesDep, modulesBuiltin }, ['virtio_net'])).toThrow('The kernel has no module virtio_net')
})
