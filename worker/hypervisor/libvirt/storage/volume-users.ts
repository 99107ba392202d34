import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { hadQemu } from '../domain.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainXmlFlags } from '../rpc/constants.gen.ts'
import { unlessNotFound } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import { readDiskPlaces } from './disk-places.ts'

/** A domain that has a volume as a disk, or stands on it. */
export interface VolumeUser {
  vmId: string
  /** It is a disk of what runs now. */
  runs: boolean
}

/** Who uses what, as all definitions of the node had it at one moment. */
export interface VolumeUsers {
  /** One that names any of these places, rather one that runs; null where none does. */
  of(places: readonly string[]): Promise<VolumeUser | null>
  /** All that name a place of which this holds. */
  where(test: (place: string) => boolean): VolumeUser[]
}

interface Definition extends VolumeUser {
  places: string[]
}

/** libvirtd takes five calls of a connection at a time. */
const readsTogether = 4

/** Reads every definition, what runs and what is to run, whoever made it. */
export async function readVolumeUsers(connection: LibvirtConnection): Promise<VolumeUsers> {
  const { domains } = await connection.call(remote.connectListAllDomains, { needResults: 1, flags: 0 })
  const definitions: Definition[] = []
  for (let first = 0; first < domains.length; first += readsTogether) {
    const together = domains.slice(first, first + readsTogether).map(async (dom) => {
      const vmId = dom.uuid
      if (hadQemu(dom)) definitions.push({ vmId, runs: true, places: await placesOf(connection, dom, 0) })
      const inactive = await placesOf(connection, dom, DomainXmlFlags.INACTIVE)
      definitions.push({ vmId, runs: false, places: inactive })
    })
    await Promise.all(together)
  }
  definitions.sort((a, b) => Number(b.runs) - Number(a.runs))
  const view = ({ vmId, runs }: Definition): VolumeUser => ({ vmId, runs })
  return {
    async of(wanted) {
      for (const definition of definitions) if (await namesOneOf(definition, wanted)) return view(definition)
      return null
    },
    where: (test) => definitions.filter(({ places }) => places.some(test)).map(view),
  }
}

/** Also through a link; only what has the same name at its end is looked at, for others may be on a server that hangs. */
async function namesOneOf({ places }: Definition, wanted: readonly string[]): Promise<boolean> {
  if (wanted.some((place) => places.includes(place))) return true
  const names = new Set(wanted.map((place) => path.basename(place)))
  for (const place of places) {
    if (!path.isAbsolute(place) || !names.has(path.basename(place))) continue
    if (wanted.includes(await realpath(place).catch(() => place))) return true
  }
  return false
}

async function placesOf(connection: LibvirtConnection, dom: Domain, flags: number): Promise<string[]> {
  const found = await unlessNotFound(connection.call(remote.domainGetXmlDesc, { dom, flags }))
  return found ? readDiskPlaces(found.xml) : []
}
