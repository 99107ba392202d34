export interface Headers {
  /** `typedef enum { … } name`: each enum's members, in order. */
  enums: Map<string, string[]>
  /** The C expression of every enum member and numeric define. */
  expressions: Map<string, string>
}

/** Reads the enums and the numeric defines of libvirt's public C headers, all in one text. */
export function parseHeaders(source: string): Headers {
  const headers: Headers = { enums: new Map(), expressions: new Map() }
  const text = source.replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
  for (const [, name = '', expression = ''] of text.matchAll(/^# *define +(VIR_\w+) +(\(?\d+(?: \+ \d+)?\)?)\s*$/gm)) {
    headers.expressions.set(name, expression)
  }
  for (const [, body = '', name = ''] of text.matchAll(/typedef enum \{([^}]*)\} *(vir\w+);/g)) {
    const members: string[] = []
    // What stands behind VIR_ENUM_SENTINELS is a count, not a value.
    for (const member of body.replaceAll(/^# *ifdef VIR_ENUM_SENTINELS[\s\S]*?^# *endif/gm, '').split(',')) {
      const [, memberName, expression] = /^\s*(VIR_\w+)\s*(?:=\s*([\s\S]*\S))?\s*$/.exec(member) ?? []
      if (memberName === undefined) continue
      const previous = members.at(-1)
      headers.expressions.set(memberName, expression ?? (previous === undefined ? '0' : `${previous} + 1`))
      members.push(memberName)
    }
    headers.enums.set(name, members)
  }
  return headers
}

/** The value of a constant: numbers, names and shifts, joined by `|` or `+`. */
export function constantValue(headers: Headers, name: string): number {
  function term(text: string): number {
    const shift = /^(\d+)U?\s*<<\s*(\d+)$/.exec(text)
    // 1 << 31 is a flag, which the protocol carries unsigned.
    if (shift) return (Number(shift[1]) << Number(shift[2])) >>> 0
    return /^-?\d+$/.test(text) ? Number(text) : constantValue(headers, text)
  }
  const expression = headers.expressions.get(name)
  if (expression === undefined) throw new Error(`no constant ${name}`)
  const plain = expression.replaceAll(/[()]/g, '')
  if (plain.includes('+')) return plain.split('+').reduce((sum, part) => sum + term(part.trim()), 0)
  if (plain.includes('|')) return plain.split('|').reduce((sum, part) => sum | term(part.trim()), 0)
  return term(plain.trim())
}
