import type { XmlObject } from './render.ts'

/** The virtio-serial port where qemu-guest-agent listens. */
export const guestAgentChannel = (): XmlObject => ({
  '@type': 'unix',
  target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' },
})
