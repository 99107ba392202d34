/** What a `google.rpc.Status` with at most one `google.rpc.ErrorInfo` says; the reason is empty where there is none. */
export interface StatusDetails {
  code: number
  message: string
  reason: string
  metadata: Record<string, string>
}

/**
 * Google's error model (https://google.aip.dev/193) as it goes into the trailer `grpc-status-details-bin`. Written by hand:
 * it is strings and one number.
 */
export function writeStatusDetails({ code, message, reason, metadata }: StatusDetails): Buffer {
  const status = [varintField(1, code), text(2, message)]
  if (reason === '') return Buffer.concat(status)
  const entries = Object.entries(metadata).map(([key, value]) => field(3, [text(1, key), text(2, value)]))
  const errorInfo = Buffer.concat([text(1, reason), text(2, domain), ...entries])
  return Buffer.concat([...status, field(3, [text(1, errorInfoType), bytes(2, errorInfo)])])
}

/** The way back; null for what is no such message, or has reasons that are none of ours. */
export function readStatusDetails(content: Buffer): StatusDetails | null {
  const status = readFields(content)
  if (!status) return null
  const details: StatusDetails = { code: numberOf(status, 1), message: textOf(status, 2), reason: '', metadata: {} }
  for (const packed of bytesOf(status, 3)) {
    const any = readFields(packed)
    if (!any) return null
    if (textOf(any, 1) !== errorInfoType) continue
    const info = readFields(bytesOf(any, 2)[0] ?? Buffer.alloc(0))
    if (!info || textOf(info, 2) !== domain) return null
    const entries = bytesOf(info, 3).map(readFields)
    details.reason = textOf(info, 1)
    details.metadata = Object.fromEntries(
      entries.flatMap((entry) => (entry ? [[textOf(entry, 1), textOf(entry, 2)]] : [])),
    )
  }
  return details
}

const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo'
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

interface Field {
  number: number
  value: number | Buffer
}

/** A message's fields in their order; null where it ends too soon, or has fields that ours have not. */
function readFields(content: Buffer): Field[] | null {
  const fields: Field[] = []
  let at = 0
  const readVarint = (): number => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const group = content[at++] ?? Number.NaN
      value += (group & 0x7f) * 2 ** shift
      if (group < 0x80) return value
    }
    return Number.NaN
  }
  while (at < content.length) {
    const key = readVarint()
    const number = Math.floor(key / 8)
    if (key % 8 === varintType) {
      fields.push({ number, value: readVarint() })
    } else if (key % 8 === lengthType) {
      const length = readVarint()
      if (!(at + length <= content.length)) return null
      fields.push({ number, value: content.subarray(at, at + length) })
      at += length
    } else {
      return null
    }
  }
  return fields.every(({ value }) => !Number.isNaN(value)) ? fields : null
}

const bytesOf = (fields: readonly Field[], wanted: number): Buffer[] =>
  fields.flatMap(({ number, value }) => (number === wanted && Buffer.isBuffer(value) ? [value] : []))
const textOf = (fields: readonly Field[], wanted: number): string => bytesOf(fields, wanted)[0]?.toString() ?? ''
const numberOf = (fields: readonly Field[], wanted: number): number => {
  const found = fields.find(({ number, value }) => number === wanted && typeof value === 'number')
  return Number(found?.value ?? 0)
}
