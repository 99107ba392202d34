const lengthMax = 255

/** What a guest has written, fit to be shown in one line. */
export const guestText = (words: string): string =>
  words
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, lengthMax)
