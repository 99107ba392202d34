import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { ImageStore } from './image-store.ts'
import type { IncomingFile } from './incoming-file.ts'
import { failure, openUrl, refused } from './open-url.ts'

/** What tells one version of a URL's content from another (RFC 9110, 8.8); null where the server does not say. */
export interface Version {
  /** A strong one. */
  etag: string | null
  lastModified: string | null
}

interface DownloadRequest {
  url: string
  file: IncomingFile
  /** Of what is in the file; null where that is not known. */
  version: Version | null
  /** Waited for before a byte of another version is in the file. */
  onVersion(version: Version): Promise<void>
  signal: AbortSignal
  store: Pick<ImageStore, 'allowed' | 'timing'>
}

/** So many tries one after the other that brought nothing are enough; with the pauses, about a minute and a half. */
const maxFruitless = 8
const longestPauseMs = 30_000
const tryAgain = new Set([408, 425, 429])

/**
 * Brings a URL's content into the file, going on where it left off as long as the server has the same version. A connection
 * that breaks is made again. Throws `failed_precondition` when that does not help.
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { file, signal, store } = request
  let { version } = request
  let most = file.receivedBytes
  const onVersion = async (found: Version) => {
    await request.onVersion(found)
    version = found
  }
  for (let fruitless = 0; ; ) {
    try {
      return await downloadOnce({ ...request, version, onVersion })
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError) || error.code !== 'unavailable') throw error
      fruitless = file.receivedBytes > most ? 0 : fruitless + 1
      most = Math.max(most, file.receivedBytes)
      if (fruitless >= maxFruitless) throw refused(`it was tried ${fruitless} times. ${error.message}`, error)
      await delay(Math.min(store.timing.retryMs * 2 ** fruitless, longestPauseMs), undefined, { signal })
    }
  }
}

async function downloadOnce({ url, file, version, onVersion, signal, store }: DownloadRequest): Promise<void> {
  const host = new URL(url)
  const condition = version?.etag ?? version?.lastModified
  const from = condition ? file.receivedBytes : 0
  const headers = from > 0 && condition ? { range: `bytes=${from}-`, 'if-range': condition } : undefined
  const response = await openUrl(url, { headers: headers ?? {}, signal }, store)
  try {
    const found = versionOf(response)
    if (response.statusCode === 206 && continues(response, from, file) && isSame(version, found)) {
      await append(response, file)
      return
    }
    if (response.statusCode === 206 || response.statusCode === 416) {
      // It has another content now, or does not do what it says: the next try asks for all of it.
      await file.restart()
      await onVersion({ etag: null, lastModified: null })
      throw new AppError('unavailable', `${host.host} has other content now`, { reason: 'IMAGE_URL_CHANGED' })
    }
    requireContent(response, host)
    await file.restart()
    await onVersion(found)
    const length = response.headers['content-length']
    await file.expect(length === undefined ? null : Number(length))
    await append(response, file)
  } catch (error) {
    throw failure(error, host)
  } finally {
    response.destroy()
  }
}

async function append(response: IncomingMessage, file: IncomingFile): Promise<void> {
  for await (const piece of response) await file.write(piece)
  await file.sync()
}

/** Throws where the answer is not the content. */
function requireContent({ statusCode = 0, statusMessage, headers }: IncomingMessage, { host }: URL): void {
  if (statusCode !== 200) {
    const answered = `${host} answered ${statusCode} ${statusMessage}`
    if (statusCode >= 500 || tryAgain.has(statusCode)) {
      throw new AppError('unavailable', answered, { reason: 'IMAGE_URL_UNREACHABLE' })
    }
    throw refused(answered)
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw refused(`${host} sends it packed (${encoding}) although it was not asked to`)
}

/** Whether it is what follows on what is in the file, and of the length that was told. */
function continues({ headers }: IncomingMessage, from: number, { progress }: IncomingFile): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  const isWhole = progress.totalBytes === null || total === '*' || Number(total) === progress.totalBytes
  return from > 0 && Number(start) === from && isWhole
}

/** A server that does not tell in its answer to a range keeps what it promised by `If-Range`. */
const isSame = (known: Version | null, found: Version): boolean =>
  known !== null &&
  (found.etag ?? known.etag) === known.etag &&
  (found.lastModified ?? known.lastModified) === known.lastModified

const versionOf = ({ headers: { etag, 'last-modified': lastModified } }: IncomingMessage): Version => ({
  etag: etag?.startsWith('"') ? etag : null,
  lastModified: lastModified ?? null,
})
