import type { LibvirtState } from './domain.ts'
import type { TypedParam } from './rpc/protocol.gen.ts'

/** The fields of a domain's statistics (https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats). */
export interface Stats {
  /** Null where libvirt does not say. Bytes and nanoseconds are exact up to 2^53. */
  number(field: string): number | null
  /** Empty where libvirt does not say. */
  text(field: string): string
  /** The names of a group's members: `block.0`, `block.1`, … */
  group(name: string): string[]
}

export function statsOf(params: readonly TypedParam[]): Stats {
  const values = new Map(params.map(({ field, value }) => [field, value.value]))
  function number(field: string): number | null {
    const value = values.get(field)
    return value === undefined || typeof value === 'string' ? null : Number(value)
  }
  return {
    number,
    text: (field) => String(values.get(field) ?? ''),
    group: (name) => Array.from({ length: number(`${name}.count`) ?? 0 }, (_, index) => `${name}.${index}`),
  }
}

export const stateIn = (stats: Stats): LibvirtState => ({
  state: stats.number('state.state') ?? -1,
  reason: stats.number('state.reason') ?? -1,
})
