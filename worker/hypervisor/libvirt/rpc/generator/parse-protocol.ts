/** A field or a type: `type *name<max>` and its relatives, as RFC 4506 section 6.3 has them. */
export interface Declaration {
  name: string
  type: string
  shape: 'plain' | 'optional' | 'fixed' | 'variable'
  /** Of `fixed` and `variable`: a number or the name of a constant. */
  size: string
}

export interface UnionArm {
  label: string
  declaration: Declaration
}

export interface Protocol {
  constants: Map<string, string>
  typedefs: Map<string, Declaration>
  structs: Map<string, Declaration[]>
  unions: Map<string, UnionArm[]>
  enums: Map<string, Map<string, number>>
}

/** Reads the subset of rpcgen's language that libvirt uses. Throws on anything else. */
export function parseProtocol(source: string, into: Protocol): void {
  const text = source.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/^\s*%.*$/gm, ' ')
  const tokens = text.match(/[A-Za-z_]\w*|-?\w+|\S/g) ?? []
  let position = 0

  function next(): string {
    const token = tokens[position++]
    if (token === undefined) throw new Error('the protocol ends in the middle of a definition')
    return token
  }
  function expect(wanted: string): void {
    const token = next()
    if (token !== wanted)
      throw new Error(`${wanted} expected, ${token} found before ${tokens.slice(position, position + 5).join(' ')}`)
  }
  function accept(wanted: string): boolean {
    if (tokens[position] !== wanted) return false
    position++
    return true
  }

  function declaration(): Declaration {
    let type = next()
    if (type === 'unsigned')
      type = /^(int|hyper|char|short)$/.test(tokens[position] ?? '') ? `unsigned ${next()}` : 'unsigned int'
    const optional = accept('*')
    const name = next()
    if (accept('[')) return closed({ name, type, shape: 'fixed', size: next() }, ']')
    if (accept('<')) return closed({ name, type, shape: 'variable', size: next() }, '>')
    expect(';')
    return { name, type, shape: optional ? 'optional' : 'plain', size: '' }
  }
  function closed(value: Declaration, bracket: string): Declaration {
    expect(bracket)
    expect(';')
    return value
  }

  const definitions: Record<string, () => void> = {
    const() {
      const name = next()
      expect('=')
      into.constants.set(name, next())
      expect(';')
    },
    typedef() {
      const value = declaration()
      into.typedefs.set(value.name, value)
    },
    enum() {
      const name = next()
      const members = new Map<string, number>()
      expect('{')
      while (!accept('}')) {
        const member = next()
        expect('=')
        members.set(member, Number(next()))
        accept(',')
      }
      expect(';')
      into.enums.set(name, members)
    },
    struct() {
      const name = next()
      const fields: Declaration[] = []
      expect('{')
      while (!accept('}')) fields.push(declaration())
      expect(';')
      into.structs.set(name, fields)
    },
    union() {
      const name = next()
      const arms: UnionArm[] = []
      while (next() !== '{');
      while (!accept('}')) {
        expect('case')
        const label = next()
        expect(':')
        arms.push({ label, declaration: declaration() })
      }
      expect(';')
      into.unions.set(name, arms)
    },
  }

  while (position < tokens.length) {
    const keyword = next()
    const define = definitions[keyword]
    if (!define) throw new Error(`unknown definition: ${keyword}`)
    define()
  }
}
