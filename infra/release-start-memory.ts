// Loaded with --expose-gc --import: what a program leaves behind as it starts, a fifth of its memory, V8 would keep for
// good in a program that then mostly waits. Only a "last-resort" collection gives memory back to the system.
const settledMs = 5000

setTimeout(() => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }), settledMs).unref()
