import fc from 'fast-check'
import { type XmlElement as LibxmlElement, XmlDocument } from 'libxml2-wasm'
import { describe, expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { find, readXml, type XmlElement } from '#worker/hypervisor/libvirt/xml/read.ts'
import { someDomain } from './domain-specs.ts'

/** What has broken XML writers before, in every mixture. */
const nasty = [
  ...['<', '>', '&', '"', "'", ']]>', '<![CDATA[', '<!--', '-->', '<?x', '?>', '&lt;', '&amp;', '&#60;', '&#x3c;'],
  ...['&#0;', '&#99999999;', '&amp;#60;', '&x;', '</name>', '<devices/>', '@x', '#', '$', '!', '?', ' ', '\n', '\t'],
  ...['\u0085', '\u2028', '\u202e', '\u00a0', '☃', '🐧', '\ufeff', 'constructor', '__proto__'],
]
const renderable = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
  .map((parts) => parts.join(''))
  .filter((text) => !hasUnusable(text))
const unusable = [...range(0x00, 0x08), ...range(0x0b, 0x1f), 0xfffe, 0xffff, 0xd800, 0xdbff, 0xdc00, 0xdfff]

const shape = libxmlNames(domainXml(someDomain({ name: 'x', description: 'x' })))

describe('text that users send', () => {
  test("changes nothing of a definition's structure, and reads back as it was, for libvirt's parser", () => {
    fc.assert(
      fc.property(renderable, renderable, (name, description) => {
        const xml = domainXml(someDomain({ name: `n${name}`, description: `d${description}` }))
        using document = XmlDocument.fromString(xml)
        expect(names(document.root)).toEqual(shape)
        expect(document.get('/domain/name')?.content).toBe(`n${name}`)
        expect(document.get('/domain/title')?.content).toBe(`n${name}`)
        expect(document.get('/domain/description')?.content).toBe(`d${description}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('changes nothing of what our own parser reads', () => {
    fc.assert(
      fc.property(renderable, renderable, (name, description) => {
        const domain = readXml(domainXml(someDomain({ name: `n${name}`, description: `d${description}` })))
        expect(ownNames(domain)).toEqual(shape)
        expect(find(domain, 'name')?.text).toBe(`n${name}`)
        expect(find(domain, 'description')?.text).toBe(`d${description}`)
      }),
      { numRuns: 1000 },
    )
  })

  test('stays in its attribute', () => {
    fc.assert(
      fc.property(
        renderable.filter((text) => !/[\t\n]/.test(text)),
        (network) => {
          using document = XmlDocument.fromString(
            domainXml(someDomain({ spec: { nics: [{ network: `n${network}` }] } })),
          )
          expect(document.get('/domain/devices/interface/source/@network')?.content).toBe(`n${network}`)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.for(unusable)('is refused when it holds a character that XML cannot: U+%x', (code) => {
    const text = `a${String.fromCharCode(code)}b`
    expect(() => domainXml(someDomain({ name: text }))).toThrow(AppError)
    expect(() => domainXml(someDomain({ description: text }))).toThrow(AppError)
  })

  test.for(['\n', '\t'])('is refused in an attribute when parsers would change it: %j', (character) => {
    expect(() => domainXml(someDomain({ spec: { nics: [{ network: `a${character}b` }] } }))).toThrow(AppError)
  })
})

function hasUnusable(text: string): boolean {
  return (
    !text.isWellFormed() ||
    unusable.some((code) => code < 0xd800 && text.includes(String.fromCharCode(code))) ||
    /[\ufffe\uffff]/.test(text)
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

type Names = [string, string[], Names[]]

function libxmlNames(xml: string): Names {
  using document = XmlDocument.fromString(xml)
  return names(document.root)
}

/** An element's name, its attributes' and its children's. */
function names(element: LibxmlElement): Names {
  const children = []
  for (let child = element.firstChild; child; child = child.next) {
    if ('attrs' in child) children.push(names(child as LibxmlElement))
  }
  const prefix = element.namespacePrefix ? `${element.namespacePrefix}:` : ''
  return [prefix + element.name, element.attrs.map(({ name }) => name).sort(), children]
}

function ownNames({ name, attributes, children }: XmlElement): Names {
  const plain = [...attributes.keys()].filter((key) => !key.startsWith('xmlns'))
  return [name, plain.sort(), children.map(ownNames)]
}
