import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { volumePath } from './disks.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainXmlFlags } from './rpc/constants.gen.ts'
import { unlessNotFound } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import { readOverlayFile } from './snapshot/overlay-file.ts'
import type { StoragePool } from './storage-pool.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
  /** Absolute. */
  imagesDirectory: string
}

/**
 * For people: the pool's files that stand on a file of the image directory, and the domains, whoever made them, that name it
 * in what runs or in what is to run.
 */
export async function findImageUsers({ connection, pool, imagesDirectory }: Deps, image: string): Promise<string[]> {
  const directories = new Set([imagesDirectory, await realpath(imagesDirectory).catch(() => imagesDirectory)])
  const files = [...directories].map((directory) => path.join(directory, image))
  const [volumes, domains] = await Promise.all([volumesOn(pool, files), domainsNaming(connection, files)])
  return [...volumes.map((name) => `disk file ${name}`), ...domains.map((name) => `domain ${name}`)]
}

/** The lowest file of a chain: those above stand on it in turn. */
async function volumesOn(pool: StoragePool, files: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir(pool.directory)) {
    const backing = (await readOverlayFile(volumePath(pool, name)))?.backing
    if (backing && files.includes(backing)) found.push(name)
  }
  return found
}

async function domainsNaming(connection: LibvirtConnection, files: readonly string[]): Promise<string[]> {
  const { domains } = await connection.call(remote.connectListAllDomains, { needResults: 1, flags: 0 })
  const found: string[] = []
  for (const dom of domains) {
    const definitions = [await readXml(connection, dom, 0), await readXml(connection, dom, DomainXmlFlags.INACTIVE)]
    if (definitions.some((xml) => files.some((file) => names(xml, file)))) found.push(dom.name)
  }
  return found
}

/** Empty for one that is gone meanwhile. */
const readXml = async (connection: LibvirtConnection, dom: Domain, flags: number): Promise<string> =>
  (await unlessNotFound(connection.call(remote.domainGetXmlDesc, { dom, flags })))?.xml ?? ''

/** Anywhere: as a disk, as what one stands on, as firmware or as a kernel. */
function names(xml: string, file: string): boolean {
  const escaped = file
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll("'", '&apos;')
  return ["'", '"', '<'].some((end) => xml.includes(`${escaped}${end}`))
}
