import type { DisplayAddress } from '#worker/hypervisor/console-calls.ts'
import { childrenOf, find, readXml } from './read.ts'

/** The first display of a domain that runs which listens on a port of its own; null where there is none. */
export function readDisplayAddress(liveXml: string): DisplayAddress | null {
  for (const graphics of childrenOf(find(readXml(liveXml), 'devices'), 'graphics')) {
    const { attributes } = graphics
    const [type, port] = [attributes.get('type'), Number(attributes.get('port'))]
    const host = attributes.get('listen') ?? find(graphics, 'listen')?.attributes.get('address')
    if ((type === 'vnc' || type === 'spice') && port > 0 && host !== undefined) return { type, host, port }
  }
  return null
}
