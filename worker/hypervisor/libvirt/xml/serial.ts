import type { XmlObject } from './render.ts'

/** The first serial port, on a pty. */
export const serial = (): XmlObject => ({ '@type': 'pty', target: { '@type': 'isa-serial', '@port': 0 } })

/** Says that the serial port is the machine's console. */
export const serialConsole = (): XmlObject => ({ '@type': 'pty', target: { '@type': 'serial', '@port': 0 } })
