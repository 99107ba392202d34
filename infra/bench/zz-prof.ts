import { spawn } from 'node:child_process'
import { openDatabase } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import { startBackends } from './backends.ts'
import { startHelper } from './helper-process.ts'
import { benchNode } from './node-row.ts'
import { median, quantile } from './measure.ts'
const say = () => {}
const b = await startBackends(say)
const db = openDatabase(b.databaseUrl)
await db.drizzle.insert(nodes).values(benchNode)
const env = { ...process.env, DATABASE_URL: b.databaseUrl, REDIS_URL: b.redisUrl, QUANTIX_QUEUE: 'redis', QUANTIX_PORT: '18099' }
const api = spawn(process.execPath, [...(process.argv[2] === 'prof' ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof/out'] : []), 'api/main.ts'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
for (;;) { try { await fetch('http://127.0.0.1:18099/healthz'); break } catch { await new Promise((r) => setTimeout(r, 100)) } }
const load = startHelper<any>('http-load.ts', {})
const floor = startHelper<any>('create-floor.ts', env)
for (const concurrency of [16, 64]) {
  const r: Record<string, number[][]> = { ours: [], floor: [] }
  for (let i = 0; i < 5; i++) {
    r.ours!.push(await load.measure({ port: 18099, concurrency, durationMs: 1500 }))
    r.floor!.push(await floor.measure({ concurrency, durationMs: 1500 }))
  }
  const ps = (x: number[][]) => median(x.map((t) => t.length)) / 1.5
  console.log(concurrency, 'ours', ps(r.ours!).toFixed(0), 'floor', ps(r.floor!).toFixed(0), 'ratio', (ps(r.ours!) / ps(r.floor!)).toFixed(3), 'p50', median(r.ours!.flat()).toFixed(2), 'p99', quantile(r.ours!.flat(), 0.99).toFixed(2), 'floor p99', quantile(r.floor!.flat(), 0.99).toFixed(2))
}
api.kill('SIGTERM'); await new Promise((r) => api.once('exit', r))
await load.stop(); await floor.stop(); await db.close(); await b.stop()
