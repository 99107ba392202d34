import type { VmSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** A watchdog on conventional PCI, which Linux and Windows know. */
export const watchdog = ({ action }: NonNullable<VmSpec['watchdog']>): XmlObject => ({
  '@model': 'i6300esb',
  '@action': action,
})
