import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { vmMayBegin } from '#db/operations/record.ts'
import { vmActionNames } from '#db/rules/vm-actions.ts'
import { noSnapshots, type SnapshotCounts, snapshotBarRefusal, vmRefusal } from '#db/rules/vm-refusal.ts'
import type { SnapshotKind } from '#db/schema/snapshot.ts'
import { vmState } from '#db/schema/vm.ts'
import { aNode, aSnapshot, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'

const db = await createTestDatabase()
const { nodeId } = await aNode(db)

const madeBy = [null, { devices: [], disks: [] }, { devices: ['hostdev'], disks: ['vda'] }]
const snapshotted: [SnapshotKind[], SnapshotCounts][] = [
  [[], noSnapshots],
  [['offline'], { any: 1, memory: 0 }],
  [['offline', 'memory'], { any: 2, memory: 1 }],
]
const problems = [null, { reason: 'DISKS_OUT_OF_STEP', message: 'They do not agree.' }]

test.each(vmState.enumValues)(
  'a statement begins with a %s VM what the rule has nothing against, and nothing else',
  async (state) => {
    const may = vmActionNames.map((action) => sql`(${vmMayBegin(action)}) as ${sql.identifier(action)}`)
    for (const unmanaged of madeBy) {
      for (const diskProblem of problems) {
        for (const [kinds, counts] of snapshotted) {
          const vm = await aVm(db, nodeId, { state, unmanaged, diskProblem })
          for (const kind of kinds) await aSnapshot(db, vm.id, { kind, state: 'READY' })
          const [begins] = await db.drizzle.execute(sql`
        with current as (select where false), vm as (select * from vms where id = ${vm.id})
        select ${sql.join(may, sql`, `)} from vm`)
          expect(begins).toEqual(
            Object.fromEntries(
              vmActionNames.map((name) => [
                name,
                (vmRefusal(name, vm, null) ?? snapshotBarRefusal(name, vm, counts)) === null,
              ]),
            ),
          )
        }
      }
    }
  },
)
