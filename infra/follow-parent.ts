// Loaded with --import: a program that was started by another ends with it, also when that one is killed.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
