import { qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'

/** VIR_DOMAIN_JOB_NONE */
const noJob = 0

/** Whether libvirt works at nothing for a running domain: it goes on with a snapshot whose caller is gone. */
export const isIdle = async (connection: LibvirtConnection, dom: Domain): Promise<boolean> =>
  (await connection.call(remote.domainGetJobInfo, { dom })).type === noJob

export interface BlockJob {
  device: string
  ready: boolean
}

/** What QEMU copies or merges by itself, whoever asked for it. */
export const readBlockJobs = (connection: LibvirtConnection, dom: Domain): Promise<BlockJob[]> =>
  qmp(connection, dom, 'query-block-jobs')

/** Our own merges begin so. */
export const healJobPrefix = 'quantix-heal-'

/** Whether nobody but us works at the disks of a running domain. */
export async function isQuiet(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  const foreign = (await readBlockJobs(connection, dom)).filter(({ device }) => !device.startsWith(healJobPrefix))
  return foreign.length === 0 && (await isIdle(connection, dom))
}
