import type { XmlObject } from './render.ts'

/** The first serial port, on a pty; what the guest writes to it also goes to the end of that file, where there is one. */
export const serial = (logPath: string | null): XmlObject => ({
  '@type': 'pty',
  log: logPath === null ? undefined : { '@file': logPath, '@append': 'on' },
  target: { '@type': 'isa-serial', '@port': 0 },
})

/** Says that the serial port is the machine's console. */
export const serialConsole = (): XmlObject => ({ '@type': 'pty', target: { '@type': 'serial', '@port': 0 } })
