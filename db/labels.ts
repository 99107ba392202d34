/** Labels are as in Kubernetes (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */

/** An optional prefix, which is a DNS name of at most 253 characters, and a name of at most 63. */
export const labelKeyPattern =
  /^(?=[^/]{1,253}\/|[^/]*$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/** At most 63 characters; may be empty. */
export const labelValuePattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/

export const maxLabels = 64

/** What a VM's labels must have: these values, and these keys with any value. */
export interface LabelSelector {
  values: Record<string, string>
  keys: string[]
}

/** A selector like `app=web,tier`; null for what is none. */
export function parseLabelSelector(text: string): LabelSelector | null {
  const selector: LabelSelector = { values: {}, keys: [] }
  for (const term of text.split(',')) {
    const [key = '', value, ...more] = term.split('=')
    if (!labelKeyPattern.test(key) || more.length > 0) return null
    if (value === undefined) selector.keys.push(key)
    else if (!labelValuePattern.test(value) || (selector.values[key] ?? value) !== value) return null
    else selector.values[key] = value
  }
  return selector
}
