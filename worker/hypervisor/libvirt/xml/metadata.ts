import { type RunningSpec, runningSpecOf } from '#db/rules/spec-changes.ts'
import { find, type XmlElement } from './read.ts'
import { renderXml, type XmlObject } from './render.ts'

/** The namespace of what we write into a domain's metadata. */
const metadataNamespace = 'urn:quantix:domain:1'

interface MetadataParameters {
  vmId: string
  nodeId: string
  spec: RunningSpec
}

/**
 * Marks a domain as ours: which VM it is, and which node's worker made it. The spec goes along into the live definition,
 * and into saved memory: so it is always known what runs, whoever started it.
 */
export const metadata = ({ vmId, nodeId, spec }: MetadataParameters): XmlObject => ({
  'quantix:vm': {
    '@xmlns:quantix': metadataNamespace,
    '@id': vmId,
    '@node': nodeId,
    'quantix:spec': JSON.stringify(runningSpecOf(spec)),
  },
})

/** The same for a domain that runs, as libvirt takes it: it adds the namespace by itself. */
export const metadataChange = ({ vmId, nodeId, spec }: MetadataParameters) => ({
  metadata: renderXml({ vm: { '@id': vmId, '@node': nodeId, spec: JSON.stringify(runningSpecOf(spec)) } }),
  key: 'quantix',
  uri: metadataNamespace,
})

/** The spec in a definition; null in one that was made without, or in which somebody spoiled it. */
export function readRunningSpec(domain: XmlElement): RunningSpec | null {
  try {
    return JSON.parse(find(domain, 'metadata', 'quantix:vm', 'quantix:spec')?.text ?? 'null')
  } catch {
    return null
  }
}
