const prefix = [0x52, 0x54, 0x00]

/** A random address with QEMU's prefix, which is locally administered: no hardware has it. */
export const newMac = (): string =>
  [...prefix, ...crypto.getRandomValues(new Uint8Array(3))].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
