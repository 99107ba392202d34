import type { XmlObject } from './render.ts'

/** Gives memory back to the node, and tells how much the guest uses. */
export const balloon = (): XmlObject => ({ '@model': 'virtio', stats: { '@period': 10 } })
