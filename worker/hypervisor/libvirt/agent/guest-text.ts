const lengthMax = 255
const nameLengthMax = 64

/** What a guest has written, fit to be shown in one line: at most 255 characters. */
export const guestText = (words: string): string => shown(words, lengthMax)

/** The same for what is a name: at most 64 characters. */
export const guestName = (words: string): string => shown(words, nameLengthMax)

/** Half a character, which a cut may leave, is nothing that Postgres would store. */
const shown = (words: string, length: number): string =>
  words
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, length)
    .toWellFormed()
