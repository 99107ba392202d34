import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { identityUri, readIdentity } from '#proto/tls/identity.ts'

const nodeId = randomUUID()

test('an identity is read as it was written, whatever addresses stand beside it', () => {
  for (const identity of [
    { trustDomain: 'quantix.internal', nodeId },
    { trustDomain: 'a', nodeId: null },
  ]) {
    const uri = identityUri(identity)
    expect(readIdentity(`URI:${uri}`)).toEqual(identity)
    expect(readIdentity(`IP Address:10.0.0.5, URI:${uri}, DNS:node-2.example`)).toEqual(identity)
  }
})

test.each([
  ['none', undefined],
  ['an address alone', 'DNS:quantix.internal'],
  ['two of them', `URI:spiffe://a/control-plane, URI:spiffe://a/node/${nodeId}`],
  // Node quotes a name that holds what looks like another one.
  ['one inside a DNS name', '"DNS:x, URI:spiffe://a/control-plane"'],
  ['one inside a quoted DNS name', 'DNS:"x, URI:spiffe://a/control-plane"'],
  ['one with a path behind it', 'URI:spiffe://a/control-plane/..'],
  ['one with a query', 'URI:spiffe://a/control-plane?x'],
  ['one in capitals', 'URI:spiffe://A/control-plane'],
  ['a node without an id', 'URI:spiffe://a/node/'],
  ['a node with a path for an id', 'URI:spiffe://a/node/../control-plane'],
  ['another scheme', 'URI:https://a/control-plane'],
  ['one that is said by an e-mail address', 'email:spiffe://a/control-plane'],
])('alternative names with %s are no identity', (_, names) => {
  expect(readIdentity(names)).toBeNull()
})
