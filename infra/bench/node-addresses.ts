export const manyNodes = 1000

/** All of 127.0.0.0/8 is this machine. https://www.rfc-editor.org/rfc/rfc1122#section-3.2.1.3 */
export const nodeAddress = (index: number, port: number): string =>
  `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}:${port}`
