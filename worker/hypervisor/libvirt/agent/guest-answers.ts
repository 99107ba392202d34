import { isIP } from 'node:net'
import { z } from 'zod'
import type { GuestFileSystem, GuestInterface, GuestUser } from '#db/schema/vm-guest.ts'
import { guestName, guestText } from './guest-text.ts'

/**
 * What a guest's agent says of its guest, read: https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html. It is the
 * guest who writes it: an item that cannot be read is left out, and each list is cut where it gets too long.
 */

/** Of each list as JSON: with all of them full, the VMs of a large node are still told in one message. */
const listBytesMax = 4096
const addressesMax = 16

const text = z.string().transform(guestText)
const name = z.string().transform(guestName)
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? null)
const nullWhereUnread = <Schema extends z.ZodType>(schema: Schema) => orNull(schema.nullish().catch(null))
const bytes = nullWhereUnread(z.int().nonnegative())
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(z.unknown()).transform((all) => upToBytesMax(readable(all, item)))

/** One by one: what lies behind the cut is not looked at. */
function* readable<Item extends z.ZodType>(all: readonly unknown[], item: Item): Generator<z.infer<Item>> {
  for (const one of all) {
    const { success, data } = item.safeParse(one)
    if (success) yield data
  }
}

/** As many of the first as a list of a guest may have. */
export function upToBytesMax<Item>(items: Iterable<Item>): Item[] {
  const taken: Item[] = []
  let length = 0
  for (const item of items) {
    length += Buffer.byteLength(JSON.stringify(item))
    if (length > listBytesMax) break
    taken.push(item)
  }
  return taken
}

/** The address, without the interface that one of a link may end with, like `%eth0`; undefined where it is none. */
function plainAddress({ 'ip-address': written, 'ip-address-type': type }: z.infer<typeof address>): string | undefined {
  const [ip = ''] = written.split('%', 1)
  return isIP(ip) === (type === 'ipv4' ? 4 : 6) ? ip : undefined
}

const address = z.object({ 'ip-address': z.string(), 'ip-address-type': z.enum(['ipv4', 'ipv6']) })
const addresses = z.array(z.unknown()).transform((all) => {
  const read = all.slice(0, addressesMax).flatMap((one) => address.safeParse(one).data ?? [])
  const of = (type: 'ipv4' | 'ipv6') =>
    read.filter((one) => one['ip-address-type'] === type).flatMap((one) => plainAddress(one) ?? [])
  return { ipv4: of('ipv4'), ipv6: of('ipv6') }
})

const capability = z
  .object({ name: z.string().max(64).transform(guestName), enabled: z.literal(true) })
  .transform((command) => command.name)

/** Seconds since 1970, of a moment that there is. */
const moment = z
  .number()
  .min(0)
  .max(8.64e12)
  .transform((seconds) => new Date(seconds * 1000).toISOString())

/** By the command that it answers. */
export const guestAnswers = {
  'guest-info': z.object({ version: orNull(name), supported_commands: listOf(capability).catch([]) }),
  'guest-get-osinfo': z.object({ name: orNull(name), version: orNull(name), 'kernel-release': orNull(name) }),
  'guest-get-host-name': z.object({ 'host-name': orNull(text) }),
  'guest-network-get-interfaces': listOf(
    z
      .object({
        name,
        'hardware-address': orNull(name),
        'ip-addresses': addresses.catch({ ipv4: [], ipv6: [] }),
      })
      .transform((one): GuestInterface => ({ name: one.name, mac: one['hardware-address'], ...one['ip-addresses'] })),
  ),
  'guest-get-fsinfo': listOf(
    z.object({ mountpoint: text, type: name, 'total-bytes': bytes, 'used-bytes': bytes }).transform(
      ({ mountpoint, type, ...size }): GuestFileSystem => ({
        ...{ mountpoint, type },
        ...{ totalBytes: size['total-bytes'], usedBytes: size['used-bytes'] },
      }),
    ),
  ),
  'guest-get-users': listOf(
    z
      .object({ user: name, 'login-time': nullWhereUnread(moment) })
      .transform((one): GuestUser => ({ name: one.user, loginAt: one['login-time'] })),
  ),
}
