/**
 * Google's error model (https://google.aip.dev/193): a `google.rpc.Status` with one `google.rpc.ErrorInfo`, as it goes
 * into the trailer `grpc-status-details-bin`. Written by hand: it is strings and one number.
 */
export function statusDetails(status: {
  code: number
  message: string
  reason: string
  metadata: Record<string, string>
}): Buffer {
  const entries = Object.entries(status.metadata).map(([key, value]) => field(3, [text(1, key), text(2, value)]))
  const errorInfo = Buffer.concat([text(1, status.reason), text(2, domain), ...entries])
  const any = [text(1, 'type.googleapis.com/google.rpc.ErrorInfo'), bytes(2, errorInfo)]
  return Buffer.concat([varintField(1, status.code), text(2, status.message), field(3, any)])
}

/** Whose reasons they are. */
const domain = 'node.limiquantix'

/** https://protobuf.dev/programming-guides/encoding/ */
const varintType = 0
const lengthType = 2

function varint(value: number): Buffer {
  const groups: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) groups.push((rest & 0x7f) | 0x80)
  return Buffer.from([...groups, rest])
}

const varintField = (number: number, value: number): Buffer =>
  Buffer.concat([varint((number << 3) | varintType), varint(value)])
const bytes = (number: number, content: Buffer): Buffer =>
  Buffer.concat([varint((number << 3) | lengthType), varint(content.length), content])
const text = (number: number, content: string): Buffer => bytes(number, Buffer.from(content))
const field = (number: number, parts: readonly Buffer[]): Buffer => bytes(number, Buffer.concat(parts))
