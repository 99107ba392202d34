import { AppError } from '#db/errors.ts'
import { adoptionRefusal } from '#db/rules/adoption.ts'
import type { HostDomain } from '#worker/hypervisor/host-domain.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'

type Context = StepContext<'vm.adopt'>

/**
 * Makes a VM of a domain that others made: its row is filled from the definition as it is now. Nothing is changed on the
 * node, so there is nothing to undo; of an adoption that fails no row stays.
 */
export const vmAdopt: OperationDefinition<'vm.adopt'> = {
  steps: [{ name: 'read-domain', run: readDomain }],
  succeeded: (context, observed) => {
    const { spec, unmanaged, tscFrequencyHz } = context.outputs['read-domain'] as ReadDomain
    // Since when it runs is not known.
    const vm = { ...observedVm(observed, context.vm), startedAt: null }
    return { vm: { ...vm, spec, unmanaged, tscFrequencyHz } }
  },
  failed: () => ({ vm: 'delete' }),
}

type ReadDomain = Pick<HostDomain, 'spec' | 'unmanaged' | 'tscFrequencyHz'>

async function readDomain({ vm, hypervisor }: Context): Promise<ReadDomain> {
  const domain = await hypervisor.readHostDomain(vm.id)
  if (!domain) throw domainGone(vm.name)
  const refusal = adoptionRefusal(domain)
  if (refusal) throw refusal
  const { spec, unmanaged, tscFrequencyHz } = domain
  return { spec, unmanaged, tscFrequencyHz }
}

const domainGone = (name: string): AppError =>
  new AppError(
    'not_found',
    `The node has no domain ${name} any more: it was undefined, or was transient and has ended.`,
    {
      reason: 'DOMAIN_NOT_FOUND',
    },
  )
