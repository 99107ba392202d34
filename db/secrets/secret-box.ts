import { AppError } from '#db/errors.ts'

/** A secret as it is stored; base64. */
export interface SealedSecret {
  /** Names the key, and tells nothing of it. */
  keyId: string
  nonce: string
  ciphertext: string
}

/** Whose secret it is, and which: sealed for one place, it does not open in another. */
export interface SecretPlace {
  /** Of what it belongs to: a VM, a storage pool, an operation. */
  id: string
  name: string
}

/** Seals what is stored, and opens it again. */
export interface SecretBox {
  /** Throws `failed_precondition` without a key. */
  seal(place: SecretPlace, text: string): Promise<SealedSecret>
  /** Throws `failed_precondition` where the key is not there, or what was stored is not what was sealed. */
  open(place: SecretPlace, sealed: SealedSecret): Promise<string>
}

/** NIST SP 800-38D, 8.2: random nonces of 96 bits, for far fewer than 2^32 secrets of one key. */
const nonceBytes = 12

/**
 * AES-256-GCM by WebCrypto, which is at the edge as well. Keys of 32 bytes: the first seals, each opens what it sealed.
 */
export function secretBox(keys: readonly Uint8Array<ArrayBuffer>[]): SecretBox {
  let known: Promise<KnownKey[]> | undefined
  const knownKeys = () => {
    known ??= Promise.all(keys.map(readKey))
    return known
  }
  return {
    async seal(place, text) {
      const [first] = await knownKeys()
      if (!first) throw keyMissing()
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const sealed = await crypto.subtle.encrypt(gcm(nonce, place), first.key, new TextEncoder().encode(text))
      return { keyId: first.id, nonce: toBase64(nonce), ciphertext: toBase64(new Uint8Array(sealed)) }
    },
    async open(place, { keyId, nonce, ciphertext }) {
      const found = (await knownKeys()).find(({ id }) => id === keyId)
      if (!found) throw keyUnknown(place, keyId)
      const opened = crypto.subtle.decrypt(gcm(fromBase64(nonce), place), found.key, fromBase64(ciphertext))
      return new TextDecoder().decode(await opened.catch(() => Promise.reject(damaged(place))))
    },
  }
}

interface KnownKey {
  id: string
  key: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

async function readKey(bytes: Uint8Array<ArrayBuffer>): Promise<KnownKey> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { id: toBase64(digest.subarray(0, 6)), key }
}

const gcm = (iv: Uint8Array<ArrayBuffer>, { id, name }: SecretPlace) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(`${id}/${name}`),
})

/** So many characters at a time: they are arguments of a function. */
const pieceLength = 8192

function toBase64(bytes: Uint8Array): string {
  let characters = ''
  for (let start = 0; start < bytes.length; start += pieceLength) {
    characters += String.fromCharCode(...bytes.subarray(start, start + pieceLength))
  }
  return btoa(characters)
}

/** Throws for a text that is no base64. */
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

const keyMissing = (): AppError =>
  new AppError(
    'failed_precondition',
    'No key is set to keep secrets with, so cloud-init data, passwords, and programs and files of guests are refused. Set QUANTIX_SECRET_KEY, the same for the api and every worker, to 32 random bytes in base64 (openssl rand -base64 32).',
    { reason: 'SECRET_KEY_MISSING' },
  )

const keyUnknown = ({ name }: SecretPlace, keyId: string): AppError =>
  new AppError(
    'failed_precondition',
    `The ${name} was sealed with key ${keyId}, which QUANTIX_SECRET_KEY of this program does not hold. Set it as it was; when the key is lost, so is what it sealed.`,
    { reason: 'SECRET_KEY_UNKNOWN', details: { name, keyId } },
  )

const damaged = ({ name }: SecretPlace): AppError =>
  new AppError('failed_precondition', `The ${name} in the database is not what was sealed for it.`, {
    reason: 'SECRET_DAMAGED',
    details: { name },
  })
