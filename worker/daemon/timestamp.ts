/** A moment as google.protobuf.Timestamp. */
export const timestamp = (moment: Date) => ({
  seconds: Math.floor(moment.getTime() / 1000),
  nanos: (moment.getTime() % 1000) * 1_000_000,
})

export const optionalTimestamp = (moment: Date | null) => moment && timestamp(moment)
