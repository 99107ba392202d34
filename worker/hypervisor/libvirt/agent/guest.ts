import type { z } from 'zod'
import { requireRunning } from '../reboot.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import { unreadableAnswer } from './errors.ts'
import type { AgentCommand, AgentLine } from './line.ts'

export interface AgentDeps {
  connection: LibvirtConnection
  line: AgentLine
}

/** The agent of one running guest. */
export interface GuestAgent {
  dom: Domain
  line: AgentLine
  /** One command, and its answer in the shape that it must have. Throws what the port promises of calls to agents. */
  ask<Schema extends z.ZodType>(command: AgentCommand, answer: Schema, signal: AbortSignal): Promise<z.output<Schema>>
}

/** Throws `not_found` where the node has no such VM, and `failed_precondition` where it does not run. */
export async function requireAgent({ connection, line }: AgentDeps, vmId: string): Promise<GuestAgent> {
  const dom = await requireRunning(connection, vmId)
  return {
    dom,
    line,
    async ask(command, answer, signal) {
      const parsed = answer.safeParse(await line.ask(dom, command, signal))
      if (parsed.success) return parsed.data
      throw unreadableAnswer()
    },
  }
}
