import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { addAbortSignal } from 'node:stream'
import { AppError } from '#db/errors.ts'
import { SupersededError } from '#db/operations/fence.ts'
import { lookupAllowed, requireReachable } from './address-rules.ts'
import type { ImageStore } from './image-store.ts'

const clients: Partial<Record<string, typeof http.request>> = { 'http:': http.request, 'https:': https.request }
const redirects = new Set([301, 302, 303, 307, 308])
const maxRedirects = 5

/**
 * The answer to a GET, after redirects; its body is ended by the signal, and by silence. Each step of the way is http or
 * https and leads to an address that is allowed, or `failed_precondition` is thrown; so it is where trying again would not
 * help. Throws `unavailable` where it may.
 */
export async function openUrl(
  start: string,
  { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
  store: Pick<ImageStore, 'allowed' | 'timing'>,
): Promise<IncomingMessage> {
  let url = new URL(start)
  for (let followed = 0; followed <= maxRedirects; followed++) {
    const response = await get(url, { headers, signal }, store)
    const { location } = response.headers
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response
    response.destroy()
    const next = URL.parse(location, url.href)
    if (!next) throw refused(`${url.host} redirects to what is no URL`)
    url = next
  }
  throw refused(`it redirects more than ${maxRedirects} times`)
}

async function get(
  url: URL,
  { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
  { allowed, timing }: Pick<ImageStore, 'allowed' | 'timing'>,
): Promise<IncomingMessage> {
  const request = clients[url.protocol]
  if (!request) throw refused(`it leads to ${url.protocol}, and only http: and https: are fetched`)
  requireReachable(url.hostname, allowed)
  const sent = request(url, {
    agent: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'quantix', ...headers },
    lookup: lookupAllowed(allowed),
    timeout: timing.idleMs,
    signal,
  })
  const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timing.answerMs} ms`)), timing.answerMs)
  sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${timing.idleMs} ms`)))
  // What comes while nobody waits for it is told by whoever reads next.
  sent.on('error', () => {})
  try {
    sent.end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    return addAbortSignal(signal, response)
  } catch (error) {
    throw failure(error, url)
  } finally {
    clearTimeout(late)
  }
}

/** Of names and certificates: it will be the same the next time. */
const lasting = /^(ENOTFOUND|CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/

/** What a connection failed with, in our words. */
export function failure(error: unknown, url: Pick<URL, 'host'>): Error {
  if (error instanceof AppError || error instanceof SupersededError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (lasting.test(code)) return refused(`${url.host}: ${message}`, error)
  return new AppError('unavailable', `${url.host}: ${message}`, { reason: 'IMAGE_URL_UNREACHABLE', cause: error })
}

export const refused = (why: string, cause?: unknown): AppError =>
  new AppError('failed_precondition', `The image cannot be fetched: ${why}.`, { reason: 'IMAGE_URL_REFUSED', cause })
