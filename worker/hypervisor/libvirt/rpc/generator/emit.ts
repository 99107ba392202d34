import { constantValue, type Headers } from './parse-headers.ts'
import type { Declaration, Protocol } from './parse-protocol.ts'

const primitives: Record<string, string> = {
  int: 'xdr.int',
  'unsigned int': 'xdr.uint',
  char: 'xdr.int',
  'unsigned char': 'xdr.uint',
  short: 'xdr.int',
  'unsigned short': 'xdr.uint',
  hyper: 'xdr.hyper',
  'unsigned hyper': 'xdr.uhyper',
  double: 'xdr.double',
}

/** Where libvirt's name would hide a global one. */
const renamed: Record<string, string> = { remote_error: 'errorBody' }

/** Writes the codecs that the wanted procedures need, in the order in which they depend on each other. */
export class CodecEmitter {
  readonly #protocol: Protocol
  readonly #headers: Headers
  readonly #emitted = new Map<string, string>()
  readonly lines: string[] = []

  constructor(protocol: Protocol, headers: Headers) {
    this.#protocol = protocol
    this.#headers = headers
  }

  /** The expression for a struct, its fields in place. */
  struct(name: string): string {
    const fields = this.#protocol.structs.get(name) ?? []
    if (fields.length === 0) return 'xdr.struct({})'
    return `xdr.struct({ ${fields.map((field) => `${camelCase(field.name)}: ${this.#declared(field)}`).join(', ')} })`
  }

  /** The name of a constant that holds the codec of a type; written down when it is first asked for. */
  named(type: string): string {
    const known = this.#emitted.get(type)
    if (known) return known
    const name = renamed[type] ?? camelCase(type.replace(/^remote_/, ''))
    this.#emitted.set(type, name)
    const expression = this.#definition(type)
    this.lines.push(`const ${name} = ${expression}`)
    if (this.#protocol.structs.has(type)) {
      this.lines.push(`export type ${pascalCase(name.replace(/^nonnull/, ''))} = Decoded<typeof ${name}>`)
    }
    return name
  }

  size(size: string): number {
    const value = Number(this.#protocol.constants.get(size) ?? size)
    return Number.isInteger(value) ? value : constantValue(this.#headers, this.#protocol.constants.get(size) ?? size)
  }

  #definition(type: string): string {
    const typedef = this.#protocol.typedefs.get(type)
    if (typedef) return this.#declared(typedef)
    const arms = this.#protocol.unions.get(type)
    if (arms) {
      return `xdr.union({ ${arms.map((arm) => `${this.size(arm.label)}: ${this.#declared(arm.declaration)}`).join(', ')} })`
    }
    if (this.#protocol.enums.has(type)) return 'xdr.int'
    if (!this.#protocol.structs.has(type)) throw new Error(`no definition of ${type}`)
    return this.struct(type)
  }

  #declared({ type, shape, size }: Declaration): string {
    if (type === 'string') return `xdr.string(${this.size(size)})`
    if (type === 'opaque' && shape === 'fixed' && this.size(size) === 16) return 'xdr.uuid'
    if (type === 'opaque' && shape === 'variable') return `xdr.opaque(${this.size(size)})`
    if (type === 'opaque') throw new Error('fixed opaque data other than a UUID')
    if (type === 'char' && shape === 'fixed') return `xdr.characters(${this.size(size)})`
    const element = primitives[type] ?? this.named(type)
    if (shape === 'optional') return `xdr.optional(${element})`
    if (shape === 'variable') return `xdr.array(${element}, ${this.size(size)})`
    if (shape === 'fixed') throw new Error(`a fixed array of ${type}`)
    return element
  }
}

/** `need_results` and `DOMAIN_GET_XML_DESC` become `needResults` and `domainGetXmlDesc`; `callbackID` stays. */
export function camelCase(name: string): string {
  const lower = name === name.toUpperCase() ? name.toLowerCase() : name
  return lower.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
