import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type Issued, issueAuthority, issueLeaf, type Leaf, validFor } from '#infra/quantix/certificates/issue.ts'

const trustDomain = 'quantix.test'
export const expired = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) }

interface Options extends Partial<Leaf> {
  /** In the place of its own CA. */
  trusts?: string
  /** What stands between the certificate and a CA that others trust. */
  between?: string
}

/** A CA and what it issued, made by the test that needs it. */
export async function anAuthority() {
  const authority = await issueAuthority(trustDomain, validFor(30))
  return {
    ...authority,
    /** A directory as it is carried to a node, or for the control plane (null). */
    async directory(nodeId: string | null, options: Options = {}): Promise<string> {
      const directory = mkdtempSync(path.join(tmpdir(), 'tls-'))
      onTestFinished(() => rmSync(directory, { recursive: true }))
      await this.issueInto(directory, nodeId, options)
      return directory
    },
    async issueInto(directory: string, nodeId: string | null, options: Options = {}) {
      const { trusts = authority.cert, between = '', ...leaf } = options
      const identity = { trustDomain, nodeId }
      const { cert, key } = await issueLeaf(authority, { identity, addresses: [], ...validFor(1), ...leaf })
      put(directory, trusts, { cert: `${cert}${between}`, key })
    },
  }
}

/** As `quantix certificates` writes them: each file takes the old one's place whole. */
function put(directory: string, ca: string, { cert, key }: Issued): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, content] of Object.entries({ 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key })) {
    const draft = path.join(directory, `.${name}`)
    writeFileSync(draft, content, { mode: 0o600 })
    renameSync(draft, path.join(directory, name))
  }
}
