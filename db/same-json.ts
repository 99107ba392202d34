/** Whether two values are the same as JSON: whatever the order of an object's members, and undefined is none. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSameJson(item, b[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b
  return Object.keys({ ...a, ...b }).every((name) => isSameJson(a[name], b[name]))
}

export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
