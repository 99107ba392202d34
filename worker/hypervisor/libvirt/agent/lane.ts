import { createPlaces } from '#worker/places.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'

/** Places on several connections, each of them taken on the one with the fewest calls. */
export function createLane(connections: readonly LibvirtConnection[], placesOfEach: number) {
  const places = createPlaces(connections.length * placesOfEach)
  const loads = connections.map((connection) => ({ connection, calls: 0 }))
  return {
    async take(patience: AbortSignal) {
      await places.take(patience)
      const load = loads.reduce((least, one) => (one.calls < least.calls ? one : least))
      load.calls++
      return {
        connection: load.connection,
        give() {
          load.calls--
          places.give()
        },
      }
    },
  }
}
