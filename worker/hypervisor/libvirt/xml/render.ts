import { AppError } from '#db/errors.ts'

/** An element's content: `@name` is an attribute, `#` the text, an array repeats its element, undefined leaves out. */
export interface XmlObject {
  [name: string]: XmlValue
}
export type XmlValue = string | number | XmlObject | readonly XmlObject[] | undefined

/** What no XML 1.0 document can hold (https://www.w3.org/TR/xml/#charsets), and CR, which every parser turns into LF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const unrenderable = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udfff]/u

/** Parsers turn both into spaces inside an attribute. */
const unrenderableInAttribute = /[\t\n]/

/** Printable ASCII without markup: what nearly every string is. */
const plain = /^[ -%'-;=?-~]*$/

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * The XML text of one root element, indented. Any string may stand in it and reads back as it was; the names of elements
 * and attributes are ours. Throws `invalid_argument` for a string that XML cannot hold.
 */
export const renderXml = (root: XmlObject): string => elements(root, '\n').trimStart()

/** All elements in an object, each behind `lineBreak`: a line feed and the indentation. */
function elements(parent: XmlObject, lineBreak: string): string {
  let xml = ''
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined || name === '#' || name.startsWith('@')) continue
    if (isList(value)) for (const item of value) xml += lineBreak + element(name, item, lineBreak)
    else xml += lineBreak + element(name, value, lineBreak)
  }
  return xml
}

function element(name: string, value: string | number | XmlObject, lineBreak: string): string {
  const object: XmlObject = typeof value === 'object' ? value : { '#': value }
  const children = elements(object, `${lineBreak}  `)
  const content = children === '' ? textOf(object) : children + lineBreak
  const start = `<${name}${attributesOf(object)}`
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`
}

function attributesOf(object: XmlObject): string {
  let attributes = ''
  for (const [name, value] of Object.entries(object)) {
    if (!name.startsWith('@') || !isText(value)) continue
    const text = escaped(value)
    if (unrenderableInAttribute.test(text)) throw unusable(text)
    attributes += ` ${name.slice(1)}="${text.replaceAll('"', '&quot;')}"`
  }
  return attributes
}

function textOf({ '#': text }: XmlObject): string {
  return isText(text) ? escaped(text) : ''
}

function escaped(value: string | number): string {
  const text = String(value)
  if (plain.test(text)) return text
  if (unrenderable.test(text)) throw unusable(text)
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character)
}

const unusable = (text: string): AppError =>
  new AppError('invalid_argument', `${JSON.stringify(text)} has a character that a VM's definition cannot hold.`, {
    reason: 'UNUSABLE_CHARACTER',
  })

const isText = (value: XmlValue): value is string | number => typeof value === 'string' || typeof value === 'number'
const isList = (value: XmlValue): value is readonly XmlObject[] => Array.isArray(value)
