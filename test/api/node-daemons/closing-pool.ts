import { credentials } from '@grpc/grpc-js'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import { eventually } from '#test/db/eventually.ts'

/**
 * A program that closes its pool: one node answers, one accepts and says nothing, one refuses. Whatever it then waited
 * for would keep it from ending.
 */
const [id = '', good = '', silent = '', closed = ''] = process.argv.slice(2)
const log = { info() {}, warn() {}, error() {} }
const pool = createDaemonPool({ credentials: () => credentials.createInsecure(), log })
const daemon = pool.connect(id, good)
pool.connect('silent', silent)
pool.connect('closed', closed)
await eventually(() => daemon.state === 'CONNECTED')
await eventually(() => pool.get('closed')?.state === 'UNREACHABLE')
const goesOn = daemon.call.StartVM({ vmId: id }).catch(() => {})
pool.close()
await goesOn
console.log('closed')
