import type { XmlObject } from './render.ts'

/** The namespace of what we write into a domain's metadata. */
const metadataNamespace = 'urn:quantix:domain:1'

/** Marks a domain as ours: which VM it is, and which node's worker made it. */
export const metadata = ({ vmId, nodeId }: { vmId: string; nodeId: string }): XmlObject => ({
  'quantix:vm': { '@xmlns:quantix': metadataNamespace, '@id': vmId, '@node': nodeId },
})
