import { secretBox } from '#db/secrets/secret-box.ts'

/** What the api and the workers of a test share. */
export const testSecretBox = secretBox([new Uint8Array(32).fill(7)])
