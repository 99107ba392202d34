import { spawn } from 'node:child_process'
import { openDatabase } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import { startBackends } from './backends.ts'
import { startHelper } from './helper-process.ts'
import { benchNode } from './node-row.ts'
import { median, quantile } from './measure.ts'
import { execSync } from 'node:child_process'
const cpu = (pids: number[]) => pids.reduce((a, pid) => { try { const f = execSync(`cat /proc/${pid}/stat`).toString().split(') ')[1]!.split(' '); return a + Number(f[11]) + Number(f[12]) } catch { return a } }, 0) * 10
const pgPids = () => execSync(`ps -eo pid,args | grep -E 'postgres: quantix.*quantix 127|postgres: .*(walwriter|wal writer)' | grep -v grep | awk '{print $1}' || true`).toString().trim().split('\n').filter(Boolean).map(Number)
const floorPid = () => Number(execSync(`pgrep -f create-floor.ts -n`).toString())
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
    const pg0 = cpu(pgPids()), a0 = cpu([api.pid!])
    r.ours!.push(await load.measure({ port: 18099, concurrency, durationMs: 1500 }))
    const pg1 = cpu(pgPids()), a1 = cpu([api.pid!])
    const f0 = cpu([floorPid()])
    r.floor!.push(await floor.measure({ concurrency, durationMs: 1500 }))
    const pg2 = cpu(pgPids()), f1 = cpu([floorPid()])
    const n = r.ours!.at(-1)!.length, m = r.floor!.at(-1)!.length
    console.log(`  cpu ms/request: api ${((a1 - a0) / n).toFixed(3)} pg ${((pg1 - pg0) / n).toFixed(3)} | floor ${((f1 - f0) / m).toFixed(3)} pg ${((pg2 - pg1) / m).toFixed(3)}`)
  }
  const ps = (x: number[][]) => median(x.map((t) => t.length)) / 1.5
  console.log(concurrency, 'ours', ps(r.ours!).toFixed(0), 'floor', ps(r.floor!).toFixed(0), 'ratio', (ps(r.ours!) / ps(r.floor!)).toFixed(3), 'p50', median(r.ours!.flat()).toFixed(2), 'p99', quantile(r.ours!.flat(), 0.99).toFixed(2), 'floor p99', quantile(r.floor!.flat(), 0.99).toFixed(2))
}
api.kill('SIGTERM'); await new Promise((r) => api.once('exit', r))
await load.stop(); await floor.stop(); await db.close(); await b.stop()
