import type { XmlObject } from './render.ts'

/** A TPM 2.0; swtpm keeps its state below libvirt's own directory, and libvirt removes it with the definition. */
export const tpm = (): XmlObject => ({
  '@model': 'tpm-crb',
  backend: { '@type': 'emulator', '@version': '2.0' },
})
