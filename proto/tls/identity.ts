/**
 * Whom a certificate speaks for: its SPIFFE id, the one URI among its alternative names. Never its common name or its
 * address: a node is who it is wherever it is.
 * https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md
 */
export interface Identity {
  /** All that one CA vouches for. */
  trustDomain: string
  /** null is the control plane. */
  nodeId: string | null
}

export const trustDomainForm = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/
export const nodeIdForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `spiffe://quantix.internal/node/6f29463c-…` or `spiffe://quantix.internal/control-plane`. */
export const identityUri = ({ trustDomain, nodeId }: Identity): string =>
  `spiffe://${trustDomain}/${nodeId === null ? 'control-plane' : `node/${nodeId}`}`

/** An alternative name; Node puts one that holds anything special, a comma too, into JSON's quotes. */
const alternativeName = /(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y

/** Reads alternative names as Node tells them (`URI:spiffe://…, DNS:…`). Null where they hold no identity of ours, or several URIs. */
export function readIdentity(subjectAltName: string | undefined): Identity | null {
  const uris = alternativeNames(subjectAltName ?? '')?.filter(({ type }) => type === 'URI')
  const [uri] = uris ?? []
  if (!uri || uris?.length !== 1) return null
  const [, trustDomain = '', role, nodeId] = /^spiffe:\/\/([^/]+)\/(control-plane|node\/([^/]+))$/.exec(uri.value) ?? []
  if (!trustDomainForm.test(trustDomain)) return null
  if (role === 'control-plane') return { trustDomain, nodeId: null }
  return nodeId && nodeIdForm.test(nodeId) ? { trustDomain, nodeId } : null
}

/** Null where the text is not understood to its end. */
export function alternativeNames(text: string): { type: string; value: string }[] | null {
  const names = [...text.matchAll(new RegExp(alternativeName, 'gy'))]
  if (names.reduce((length, [name]) => length + name.length, 0) !== text.length) return null
  return names.map(([, type = '', value = '']) => ({ type, value }))
}

export const isSameIdentity = (one: Identity, other: Identity): boolean => identityUri(one) === identityUri(other)

/** In a sentence. */
export const describeIdentity = ({ nodeId }: Identity): string =>
  nodeId === null ? 'the control plane' : `node ${nodeId}`
