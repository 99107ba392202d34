import { type ElementToken, type TextToken, TokenType } from '@oozcitak/dom/lib/parser/interfaces.js'
import { XMLStringLexer } from '@oozcitak/dom/lib/parser/XMLStringLexer.js'

/** An element of a document that libvirt sent. */
export interface XmlElement {
  name: string
  attributes: ReadonlyMap<string, string>
  children: readonly XmlElement[]
  /** All text in it, its children's too. */
  text: string
}

interface OpenElement extends XmlElement {
  children: XmlElement[]
}

/** The root element of an XML text. Out of the lexer of xmlbuilder2: the DOM that it makes itself takes ten times as long. */
export function readXml(text: string): XmlElement {
  const document = element('', [])
  const open = [document]
  for (const token of new XMLStringLexer(text, { skipWhitespaceOnlyText: true })) {
    if (token.type === TokenType.Element) {
      const { name, attributes, selfClosing } = token as ElementToken
      const child = element(name, attributes)
      open.at(-1)?.children.push(child)
      if (!selfClosing) open.push(child)
    } else if (token.type === TokenType.ClosingTag) {
      open.pop()
    } else if (token.type === TokenType.Text || token.type === TokenType.CDATA) {
      const { data } = token as TextToken
      for (const each of open) each.text += token.type === TokenType.Text ? decode(data) : data
    }
  }
  const [root] = document.children
  if (!root || open.length !== 1) throw new Error('libvirt sent what is no XML document')
  return root
}

const element = (name: string, attributes: readonly [string, string][]): OpenElement => ({
  name,
  attributes: new Map(attributes.map(([key, value]) => [key, decode(value)])),
  children: [],
  text: '',
})

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The lexer leaves what a writer escaped as it is, and so does who reads without it. */
export const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal, hexadecimal, name) =>
    name === undefined ? String.fromCodePoint(Number(decimal ?? `0x${hexadecimal}`)) : (entities.get(name) ?? whole),
  )

/** The children with that name. */
export const childrenOf = (parent: XmlElement | undefined, name: string): XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? []

/** The first element at the end of a path of names. */
export const find = (start: XmlElement | undefined, ...path: string[]): XmlElement | undefined =>
  path.reduce((parent, name) => parent?.children.find((child) => child.name === name), start)
