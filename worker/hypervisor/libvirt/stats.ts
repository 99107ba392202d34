import type { TypedParam } from './rpc/protocol.gen.ts'

/** The number of a field, like `state.state`; null where libvirt does not say. Bytes and nanoseconds stay exact up to 2^53. */
export function numberIn(params: readonly TypedParam[], field: string): number | null {
  const value = params.find((param) => param.field === field)?.value.value
  return value === undefined || typeof value === 'string' ? null : Number(value)
}
