import { Metadata, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError, errorCodes, errorRecord } from '#db/errors.ts'
import { grpcError, toldError } from '#proto/grpc-error.ts'
import { readStatusDetails } from '#proto/status-details.ts'

test('an error comes out of gRPC as it went in: its code, sentence, reason and details', () => {
  const reason = fc.option(fc.stringMatching(/^[A-Z][A-Z_]{0,30}$/), { nil: undefined })
  const detail = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('123', 'null', '"x"', '{}'), fc.jsonValue())
  fc.assert(
    fc.property(
      fc.constantFrom(...errorCodes),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      reason,
      fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z]{0,9}$/), detail, { minKeys: 1, maxKeys: 4 }),
      (code, message, stableWord, details) => {
        // Details belong to a reason.
        const options = stableWord === undefined ? {} : { reason: stableWord, details: plain(details) }
        const error = new AppError(code, message, options)
        expect(errorRecord(toldError(grpcError(error)))).toEqual(errorRecord(error))
      },
    ),
  )
})

/** As JSON has it: -0 is 0. */
const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))

test('of an error that is not ours, nothing leaves the node', () => {
  const told = toldError(grpcError(new Error('password=secret')))
  expect(errorRecord(told)).toEqual({ code: 'internal', message: 'Internal error' })
})

test('a status that no node wrote tells of no error of a node', () => {
  expect(toldError({ code: status.UNAVAILABLE, metadata: new Metadata() })).toBeNull()
})

test('a trailer of garbage is read as nothing, and in its own length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (garbage) => {
      expect(() => readStatusDetails(Buffer.from(garbage))).not.toThrow()
    }),
  )
  const { metadata } = grpcError(new AppError('not_found', 'Gone.', { reason: 'GONE', details: { id: 'x' } }))
  const whole = metadata.get('grpc-status-details-bin')[0] as Buffer
  for (let length = 1; length < whole.length; length++) {
    expect(readStatusDetails(whole.subarray(0, length))?.reason ?? '').toBe('')
  }
})
