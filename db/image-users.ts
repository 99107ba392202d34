import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from './client.ts'
import { unfinished } from './operations/record.ts'
import { operations } from './schema/operation.ts'
import { vms } from './schema/vm.ts'

const anyOf = (document: SQL, paths: string, name: SQL): SQL =>
  sql`jsonb_path_exists(${document}, ${sql.raw(`'${paths} ? (@ == $name)'`)}, jsonb_build_object('name', ${name}::text))`

/** Condition: a spec names the image. */
export const specNames = (spec: SQL, name: SQL): SQL =>
  sql`(${anyOf(spec, '$.disks[*].baseImage', name)} or ${anyOf(spec, '$.cdroms[*].iso', name)})`

/** Condition: an operation's input names the image anywhere. */
export const inputNames = (input: SQL, name: SQL): SQL => anyOf(input, '$.**', name)

/** The VMs of a node that name an image, and the unfinished operations that do. */
export async function findImageUsers(
  { drizzle }: Database,
  { imageId, nodeId, name }: { imageId: string; nodeId: string; name: string },
) {
  const [found, others] = await Promise.all([
    drizzle
      .select({ id: vms.id, name: vms.name })
      .from(vms)
      .where(and(eq(vms.nodeId, nodeId), specNames(sql`${vms.spec}`, sql`${name}`)))
      .orderBy(vms.name),
    drizzle
      .select({ id: operations.id, kind: operations.kind })
      .from(operations)
      .where(
        and(
          eq(operations.nodeId, nodeId),
          unfinished,
          sql`${operations.imageId} is distinct from ${imageId}::uuid`,
          inputNames(sql`${operations.input}`, sql`${name}`),
        ),
      ),
  ])
  return { vms: found, operations: others }
}
