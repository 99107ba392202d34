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

/**
 * The XML text of one root element. Any string may stand in it and reads back as it was.
 * Throws `invalid_argument` for a string that XML cannot hold.
 */
export const renderXml = (root: XmlObject): string =>
  create(escaped(root)).end({ wellFormed: true, headless: true, prettyPrint: true })

/** The object itself where it holds nothing to escape, as nearly always: copying it would take a fifth of the time. */
function escaped(object: XmlObject): XmlObject {
  let result = object
  for (const key of Object.keys(object)) {
    const value = object[key]
    const safe = value === undefined ? undefined : escapedValue(key, value)
    if (safe === value) continue
    if (result === object) result = { ...object }
    result[key] = safe
  }
  return result
}

function escapedValue(key: string, value: Exclude<XmlValue, undefined>): XmlValue {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return escapedText(key, value)
  if (!isList(value)) return escaped(value)
  const safe = value.map(escaped)
  return safe.some((item, index) => item !== value[index]) ? safe : value
}

function escapedText(key: string, text: string): string {
  if (plain.test(text)) return text
  if (unrenderable.test(text) || (key.startsWith('@') && unrenderableInAttribute.test(text))) {
    throw new AppError(
      'invalid_argument',
      `${JSON.stringify(text)} has a character that a VM's definition cannot hold.`,
      { reason: 'UNUSABLE_CHARACTER' },
    )
  }
  // xmlbuilder2 decodes entities in what it is given, and when it writes leaves alone what looks like one.
  return text.replaceAll('&', '&#38;amp;')
}

const isList = (value: XmlObject | readonly XmlObject[]): value is readonly XmlObject[] => Array.isArray(value)
