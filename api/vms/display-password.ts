import type { Deps } from '#api/deps.ts'
import { invalidRequest } from '#api/http/validation.ts'
import type { Begun } from '#db/operations/begin-action.ts'
import { contradictionsIn } from '#db/rules/spec-contradictions.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { secretProblems } from '#db/secrets/given-secrets.ts'
import { sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import { storeChange, type Wanted } from './update.ts'

/** Gives a VM's display another password. Throws `invalid_argument` for one that its display cannot ask for. */
export const setDisplayPassword = (deps: Deps, vmId: string, password: string): Promise<Begun> =>
  storeChange(deps, vmId, async (vm) => {
    const { spec, ...wanted } = withPasswordSet(vm, true)
    const problems = [...contradictionsIn(spec), ...secretProblems({ display: { password } }, spec)]
      .filter(({ path }) => path.join('.') === 'display.password')
      .map(({ message }) => ({ code: 'custom' as const, path: ['password'], message }))
    if (problems.length > 0) throw invalidRequest(problems)
    const secrets = await sealedSecrets(deps.secretBox, vmId, { 'display.password': password })
    return { ...wanted, spec, changesSpec: true, displayPassword: 'set', secrets }
  })

/** Lets a VM's display ask for no password. */
export const removeDisplayPassword = (deps: Deps, vmId: string): Promise<Begun> =>
  storeChange(deps, vmId, (vm) => {
    const changesSpec = vm.spec.display.passwordSet
    return { ...withPasswordSet(vm, false), changesSpec, ...(changesSpec && { displayPassword: 'removed' }) }
  })

const withPasswordSet = (
  { name, description, labels, spec, tscFrequencyHz }: VmRow,
  passwordSet: boolean,
): Omit<Wanted, 'changesSpec'> => ({
  name,
  description,
  labels,
  tscFrequencyHz,
  spec: { ...spec, display: { ...spec.display, passwordSet } },
})
