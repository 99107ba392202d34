import { invalidRequest } from '#api/http/validation.ts'
import type { RefuseFields } from '#db/rules/device-change.ts'

/** The refusal of a device, which names the fields of its request. */
export const refuseFields: RefuseFields = (problems) =>
  invalidRequest(problems.map(({ path, message }) => ({ code: 'custom', path: [...path], message })))
