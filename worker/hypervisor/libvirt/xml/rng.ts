import type { XmlObject } from './render.ts'

/** Random numbers from the node: a guest without them can hang at boot. */
export const rng = (): XmlObject => ({ '@model': 'virtio', backend: { '@model': 'random', '#': '/dev/urandom' } })
