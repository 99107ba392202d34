import type { AgentCalls } from '#worker/hypervisor/agent-calls.ts'
import { frozenBy, planFreeze } from '../libvirt/freeze/file-systems.ts'
import { holdErrors } from '../libvirt/freeze/hold-errors.ts'
import { isTokenOf, newToken } from '../libvirt/freeze/token.ts'
import type { SimulatedNode } from './node-state.ts'
import { requireAgent } from './require-agent.ts'

/** A freeze that lasts until its token comes, or its deadline. */
export interface SimulatedHold {
  tokenSha256: string
  askedAt: string
  deadlineAt: string
  /** Whether nothing that can be frozen is left out. */
  isWhole: boolean
  /** Mount points. */
  fileSystems: string[]
}

/** What each guest has mounted. */
const mounted = [
  { name: 'vda1', mountpoint: '/', type: 'ext4', device: '/dev/vda1' },
  { name: 'vda2', mountpoint: '/boot/efi', type: 'vfat', device: '/dev/vda2' },
  { name: 'vda3', mountpoint: '/data', type: 'xfs', device: '/dev/vda3' },
]
/** A guest passes over what cannot be frozen. */
const freezable = mounted.length - 1

/** Freezes and thaws guests. A freeze ends with the guest's run, and at its deadline. */
export function quiesceCalls(node: SimulatedNode) {
  const { state, save, defined } = node

  function thaw(vmId: string): void {
    if (!state.vms[vmId]?.hold) return
    state.vms[vmId].hold = undefined
    save()
  }

  /** Keeps nobody from ending: a node that is opened again arms what is left. */
  function arm(vmId: string, { tokenSha256, deadlineAt }: SimulatedHold): void {
    const overdue = () => {
      if (state.vms[vmId]?.hold?.tokenSha256 === tokenSha256) thaw(vmId)
    }
    setTimeout(overdue, Date.parse(deadlineAt) - Date.now()).unref()
  }

  for (const [vmId, { hold }] of Object.entries(state.vms)) if (hold) arm(vmId, hold)
  node.listen(({ vmId, state, rebooted }) => {
    if (rebooted || state === 'STOPPED') thaw(vmId)
  })

  return {
    async quiesceFilesystems({ vmId, mountPoints, timeoutSeconds }, signal) {
      const vm = await requireAgent(node, vmId, signal)
      if (vm.hold) throw holdErrors.alreadyHeld(vm.hold.deadlineAt)
      const plan = planFreeze(mounted, mountPoints)
      const fileSystems = frozenBy(plan, plan.mountPoints?.length ?? freezable) ?? []
      const { token, tokenSha256 } = newToken()
      const now = Date.now()
      vm.hold = {
        tokenSha256,
        askedAt: new Date(now).toISOString(),
        deadlineAt: new Date(now + timeoutSeconds * 1000).toISOString(),
        isWhole: plan.isWhole,
        fileSystems: fileSystems.filter(({ frozen }) => frozen).map(({ mountPoint }) => mountPoint),
      }
      arm(vmId, vm.hold)
      return { token, deadlineAt: vm.hold.deadlineAt, fileSystems }
    },
    async thawFilesystems({ vmId, token }) {
      const { hold } = defined(vmId)
      if (!hold || !isTokenOf(hold, token)) throw holdErrors.tokenUnknown()
      thaw(vmId)
      return { mountPoints: hold.fileSystems, frozenMs: Date.now() - Date.parse(hold.askedAt), scriptsError: null }
    },
  } satisfies Partial<AgentCalls>
}
