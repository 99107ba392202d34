/**
 * How JavaScript sees a message, for the one who reads the proto files and for the types: 64 bit integers as numbers (no
 * figure here reaches 2^53), enums by their names, and every field there.
 */
export const messageForms = { longs: 'Number', enums: 'String', defaults: true } as const
