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

test('a module is loaded once, after everything it needs, and nothing else is', () => {
  expect(loadOrder(modulesDep, ['virtio_blk', 'virtio-rng'])).toEqual([
    'kernel/drivers/virtio/virtio_ring.ko',
    'kernel/drivers/virtio/virtio.ko',
    'kernel/drivers/block/virtio_blk.ko',
    'kernel/drivers/char/hw_random/virtio-rng.ko',
  ])
})

test('a module is found however its dashes are spelled, and compressed ones too', () => {
  expect(loadOrder(modulesDep, ['virtio_rng']).at(-1)).toBe('kernel/drivers/char/hw_random/virtio-rng.ko')
  expect(loadOrder('kernel/evdev.ko.xz:\n', ['evdev'])).toEqual(['kernel/evdev.ko.xz'])
})

test('a kernel without a needed module is refused by name', () => {
  expect(() => loadOrder(modulesDep, ['virtio_console'])).toThrow('The kernel has no module virtio_console')
})
