import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { crossSign, type Issued, issueAuthority, validFor } from './issue.ts'
import { writeDirectory, writeFiles } from './write-whole.ts'

/** One CA of an installation: the second takes the first one's place, and so on. */
interface Generation extends Issued {
  number: number
  /** Its certificate once more, signed by the CA before it; empty for the first. */
  cross: string
}

/** The CA as it is: the newest generation signs. */
export interface Authority {
  trustDomain: string
  newest: Generation
  /** While it takes the place of the one before: both are trusted. */
  isRotating: boolean
  /** PEM: every CA that is trusted, and what goes behind each certificate so that who trusts only the old one takes it. */
  trusted: string
  between: string
}

const files = { cert: 'cert.pem', key: 'key.pem', cross: 'cross.pem' } as const

/** Makes the first CA. Throws `already_exists` where there is one. */
export async function createAuthority(directory: string, trustDomain: string, days: number): Promise<void> {
  if ((await readGenerations(directory)).length > 0) {
    throw new AppError(
      'already_exists',
      `There is a CA in ${directory} already, and what it signed would be worth nothing without it. certificates rotate-ca puts a new one in its place; --dir makes one elsewhere`,
    )
  }
  // What is above is for others too: the state directory, mostly.
  await mkdir(path.dirname(directory), { recursive: true })
  await writeFiles(path.join(directory, 'ca'), {})
  const { cert, key } = await issueAuthority(trustDomain, validFor(days))
  await writeDirectory(placeOf(directory, 1), { [files.cert]: cert, [files.key]: key })
}

/** Throws `failed_precondition` where there is none. */
export async function readAuthority(directory: string): Promise<Authority> {
  const generations = await readGenerations(directory)
  const newest = generations.at(-1)
  if (!newest) {
    throw new AppError(
      'failed_precondition',
      `There is no CA in ${directory}. certificates init makes one; --dir names another place`,
    )
  }
  const isRotating = generations.length > 1
  return {
    trustDomain: trustDomainOf(newest.cert),
    newest,
    isRotating,
    trusted: generations
      .map(({ cert }) => cert)
      .reverse()
      .join(''),
    between: isRotating ? newest.cross : '',
  }
}

/** Makes the next CA, which signs from now on. Throws `failed_precondition` while another one is still trusted. */
export async function addGeneration(directory: string, days: number): Promise<Authority> {
  const { newest: old, isRotating, trustDomain } = await readAuthority(directory)
  if (isRotating) {
    throw new AppError(
      'failed_precondition',
      'A CA is being put in the place of another already. Carry the directories to their machines, then certificates retire-old-ca ends that',
    )
  }
  const { cert, key } = await issueAuthority(trustDomain, validFor(days))
  const cross = await crossSign(cert, old)
  const place = placeOf(directory, old.number + 1)
  await writeDirectory(place, { [files.cert]: cert, [files.key]: key, [files.cross]: cross })
  return await readAuthority(directory)
}

/** Removes every CA but the newest, their keys too. */
export async function removeOldGenerations(directory: string): Promise<void> {
  const generations = await readGenerations(directory)
  for (const { number } of generations.slice(0, -1)) {
    await rename(placeOf(directory, number), path.join(directory, 'ca', `.${number}.removed`))
  }
  await removeLeftovers(directory)
}

/** What a command that was cut off has left of CAs that are trusted no more, or not yet: their keys. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(path.join(directory, 'ca')).catch(noneWhereMissing)
  for (const name of names.filter((name) => name.startsWith('.'))) {
    await rm(path.join(directory, 'ca', name), { recursive: true })
  }
}

const placeOf = (directory: string, number: number) => path.join(directory, 'ca', String(number))

async function readGenerations(directory: string): Promise<Generation[]> {
  const names = await readdir(path.join(directory, 'ca')).catch(noneWhereMissing)
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number)
  return await Promise.all(
    numbers
      .sort((one, other) => one - other)
      .map(async (number) => {
        const read = (name: string) => readFile(path.join(placeOf(directory, number), name), 'utf8')
        const [cert, key] = await Promise.all([read(files.cert), read(files.key)])
        return { number, cert, key, cross: await read(files.cross).catch(() => '') }
      }),
  )
}

export function noneWhereMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

/** It stands in the CA's name. */
const trustDomainOf = (cert: string): string => /^O=(.+)$/m.exec(new X509Certificate(cert).subject)?.[1] ?? ''
