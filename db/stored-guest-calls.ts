import { eq, lt, sql } from 'drizzle-orm'
import type { Database } from './client.ts'
import { type GuestAnswer, type GuestCall, type GuestRequest, guestCallRules } from './guest-call.ts'
import { type GuestPayload, guestCalls } from './schema/guest-call.ts'
import type { SecretBox } from './secrets/secret-box.ts'

/** How long an answer can be read. */
const keptMinutes = 60

interface Place {
  operationId: string
  kind: GuestCall
}

/** Writes down what an operation will ask, before it is recorded. Throws `failed_precondition` without a key. */
export async function recordGuestCall<K extends GuestCall>(
  { drizzle }: Database,
  box: Pick<SecretBox, 'seal'>,
  place: Place & { kind: K },
  request: GuestRequest<K>,
): Promise<void> {
  const { operationId } = place
  await drizzle.insert(guestCalls).values({ operationId, request: await stored(box, place, 'request', request) })
}

/** Forgets what nobody will ask. */
export async function forgetGuestCall({ drizzle }: Database, operationId: string): Promise<void> {
  await drizzle.delete(guestCalls).where(eq(guestCalls.operationId, operationId))
}

/** Null before the answer, and once it is forgotten. */
export async function readGuestAnswer<K extends GuestCall>(
  database: Database,
  box: Pick<SecretBox, 'open'>,
  place: Place & { kind: K },
): Promise<GuestAnswer<K> | null> {
  const row = await find(database, place.operationId)
  return row?.answer ? opened<GuestAnswer<K>>(box, place, 'answer', row.answer) : null
}

/** What one operation asks of a guest, for the worker that asks it. */
export interface StoredGuestCall {
  /** Null once it is answered, or forgotten. */
  readRequest<K extends GuestCall>(kind: K): Promise<GuestRequest<K> | null>
  isAnswered(): Promise<boolean>
  /** Says that it may be done from here on. Resolves to whether somebody has said so before. */
  begin(): Promise<boolean>
  answer<K extends GuestCall>(kind: K, answer: GuestAnswer<K>): Promise<void>
}

export function storedGuestCall(database: Database, box: SecretBox, operationId: string): StoredGuestCall {
  const { drizzle } = database
  const here = eq(guestCalls.operationId, operationId)
  return {
    async readRequest(kind) {
      const row = await find(database, operationId)
      return row?.request ? opened(box, { operationId, kind }, 'request', row.request) : null
    },
    async isAnswered() {
      return ((await find(database, operationId))?.answer ?? null) !== null
    },
    async begin() {
      const before = drizzle.$with('before').as(drizzle.select().from(guestCalls).where(here).for('update'))
      const [row] = await drizzle
        .with(before)
        .update(guestCalls)
        .set({ begunAt: sql`now()` })
        .from(before)
        .where(here)
        .returning({ begunAt: before.begunAt })
      return (row?.begunAt ?? null) !== null
    },
    async answer(kind, answer) {
      const sealed = await stored(box, { operationId, kind }, 'answer', answer)
      await drizzle.update(guestCalls).set({ request: null, answer: sealed }).where(here)
    },
  }
}

/** Forgets what was asked and answered an hour ago. Returns the ids of the operations. */
export const dropOldGuestCalls = ({ drizzle }: Database): Promise<{ operationId: string }[]> =>
  drizzle
    .delete(guestCalls)
    .where(lt(guestCalls.createdAt, sql`now() - ${keptMinutes} * interval '1 minute'`))
    .returning({ operationId: guestCalls.operationId })

async function find({ drizzle }: Database, operationId: string) {
  const [row] = await drizzle.select().from(guestCalls).where(eq(guestCalls.operationId, operationId))
  return row
}

type Part = 'request' | 'answer'

const placeOf = ({ operationId, kind }: Place, part: Part) => ({ id: operationId, name: `${part} of ${kind}` })

const stored = async (
  box: Pick<SecretBox, 'seal'>,
  place: Place,
  part: Part,
  content: unknown,
): Promise<GuestPayload> =>
  guestCallRules[place.kind].isSecret
    ? { sealed: await box.seal(placeOf(place, part), JSON.stringify(content)) }
    : { plain: content }

const opened = async <Content>(
  box: Pick<SecretBox, 'open'>,
  place: Place,
  part: Part,
  payload: GuestPayload,
): Promise<Content> =>
  'plain' in payload
    ? (payload.plain as Content)
    : (JSON.parse(await box.open(placeOf(place, part), payload.sealed)) as Content)
