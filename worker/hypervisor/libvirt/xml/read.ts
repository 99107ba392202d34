import { create } from 'xmlbuilder2'

/** An element of a document that libvirt sent. */
export interface XmlElement {
  name: string
  attributes: ReadonlyMap<string, string>
  children: readonly XmlElement[]
  /** All text in it, its children's too. */
  text: string
}

/** The part of the DOM that is read here; xmlbuilder2 exports no types for it. */
interface DomNode {
  nodeType: number
  nodeName: string
  textContent: string | null
  childNodes: Iterable<DomNode>
}
interface DomElement extends DomNode {
  attributes: Iterable<{ name: string; value: string }>
}

const elementNode = 1

/** The root element of an XML text. */
export function readXml(text: string): XmlElement {
  // xmlbuilder2 decodes `&amp;#0;` twice, and throws at the number: `&#38;` is decoded once.
  const document = create({ parser: { sanitize: (piece) => piece?.replaceAll('&amp;', '&#38;') } }, text)
  return element(document.root().node as unknown as DomElement)
}

const element = (node: DomElement): XmlElement => ({
  name: node.nodeName,
  attributes: new Map([...node.attributes].map(({ name, value }) => [name, value])),
  children: [...node.childNodes].filter(isElement).map(element),
  text: node.textContent ?? '',
})

const isElement = (node: DomNode): node is DomElement => node.nodeType === elementNode

/** The children with that name. */
export const childrenOf = (parent: XmlElement | undefined, name: string): XmlElement[] =>
  parent?.children.filter((child) => child.name === name) ?? []

/** The first element at the end of a path of names. */
export const find = (start: XmlElement | undefined, ...path: string[]): XmlElement | undefined =>
  path.reduce((parent, name) => parent?.children.find((child) => child.name === name), start)
