import { randomBytes } from 'node:crypto'

/** A random address with QEMU's prefix, which is locally administered: no hardware has it. */
export const newMac = (): string => `52:54:00:${randomBytes(3).toString('hex').match(/../g)?.join(':')}`
