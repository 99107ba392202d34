/** An element with its place in the text that it was read from. */
export interface Span {
  name: string
  /** As they are written: value escaped; `start` is where the space before the name begins. */
  attributes: Map<string, { value: string; start: number; end: number }>
  children: Span[]
  start: number
  /** After the name of the start tag. */
  nameEnd: number
  /** Between start and end tag; null of `<a/>`. */
  inner: { start: number; end: number } | null
  end: number
}

const markup =
  /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?<close>\/?)(?<name>[^\s/>!?]+)(?<rest>(?:"[^"]*"|'[^']*'|[^"'>])*)>/gs
const attribute = /\s+([^\s=/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** The root element of a well-formed XML text. */
export function readSpans(xml: string): Span {
  const roots: Span[] = []
  const open: Span[] = []
  for (const match of xml.matchAll(markup)) {
    const { close, name, rest = '' } = match.groups as { close?: string; name?: string; rest?: string }
    if (name === undefined) continue
    const end = match.index + match[0].length
    if (close) {
      const closed = open.pop()
      if (closed?.inner) Object.assign(closed, { inner: { start: closed.inner.start, end: match.index }, end })
      continue
    }
    const nameEnd = match.index + 1 + name.length
    const isEmpty = rest.endsWith('/')
    const span: Span = {
      name,
      attributes: readAttributes(rest, nameEnd),
      children: [],
      start: match.index,
      nameEnd,
      inner: isEmpty ? null : { start: end, end },
      end,
    }
    const parent = open.at(-1)
    ;(parent?.children ?? roots).push(span)
    if (!isEmpty) open.push(span)
  }
  const [root] = roots
  if (!root || open.length > 0) throw new Error('this is no XML document')
  return root
}

const readAttributes = (text: string, offset: number): Span['attributes'] =>
  new Map(
    [...text.matchAll(attribute)].map(({ 0: whole, 1: name = '', 2: double, 3: single, index }) => [
      name,
      { value: double ?? single ?? '', start: offset + index, end: offset + index + whole.length },
    ]),
  )
