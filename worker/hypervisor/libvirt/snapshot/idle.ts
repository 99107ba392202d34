import type { LibvirtConnection } from '../rpc/connection.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'

/** VIR_DOMAIN_JOB_NONE */
const noJob = 0

/** Whether libvirt works at nothing for a running domain: it goes on with a snapshot whose caller is gone. */
export const isIdle = async (connection: LibvirtConnection, dom: Domain): Promise<boolean> =>
  (await connection.call(remote.domainGetJobInfo, { dom })).type === noJob
