import { create } from 'xmlbuilder2'
import { AppError } from '#db/errors.ts'

/** An xmlbuilder2 object: `@name` is an attribute, `#` the text, an array repeats its element, undefined leaves out. */
export interface XmlObject {
  [name: string]: XmlValue
}
export type XmlValue = string | number | XmlObject | readonly XmlObject[] | undefined

/** What no XML 1.0 document can hold (https://www.w3.org/TR/xml/#charsets), and CR, which every parser turns into LF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unrenderable = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udfff]/u

/** Parsers turn both into spaces inside an attribute. */
const unrenderableInAttribute = /[\t\n]/

/** Printable ASCII but for `&`: what nearly every string is. */
const plain = /^[ -%'-~]*$/

/** The part of xmlbuilder2's builder that is used here: it takes text as it is, where its objects decode entities in it. */
interface Parent {
  ele(name: string): Parent
  att(name: string, value: string): unknown
  txt(text: string): unknown
}

/**
 * The XML text of one root element. Any string may stand in it and reads back as it was.
 * Throws `invalid_argument` for a string that XML cannot hold.
 */
export function renderXml(root: XmlObject): string {
  const document = create()
  append(document, root)
  return document.end({ headless: true, prettyPrint: true })
}

function append(parent: Parent, object: XmlObject): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    if (typeof value === 'object') {
      for (const child of isList(value) ? value : [value]) append(parent.ele(key), child)
      continue
    }
    const text = escaped(key, String(value))
    if (key.startsWith('@')) parent.att(key.slice(1), text)
    else (key === '#' ? parent : parent.ele(key)).txt(text)
  }
}

function escaped(key: string, text: string): string {
  if (plain.test(text)) return text
  if (unrenderable.test(text) || (key.startsWith('@') && unrenderableInAttribute.test(text))) {
    throw new AppError(
      'invalid_argument',
      `${JSON.stringify(text)} has a character that a VM's definition cannot hold.`,
      { reason: 'UNUSABLE_CHARACTER' },
    )
  }
  // Left to itself, xmlbuilder2 leaves alone what looks like an entity.
  return text.replaceAll('&', '&amp;')
}

const isList = (value: XmlObject | readonly XmlObject[]): value is readonly XmlObject[] => Array.isArray(value)
