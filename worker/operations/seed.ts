import type { SecretName } from '#db/secrets/vm-secrets.ts'
import type { StepContext } from './definition.ts'

const seedSecrets: readonly SecretName[] = ['cloudInit.userData', 'cloudInit.metaData', 'cloudInit.networkConfig']

type Context = Pick<StepContext<'vm.start'>, 'vm' | 'secrets' | 'hypervisor'>

/**
 * Makes the seed of a VM that has cloud-init data, unless it is there. Throws `failed_precondition` where it would have to
 * be made and its secrets cannot be opened: a seed that is there needs no key.
 */
export async function ensureSeed({ vm, secrets, hypervisor }: Context): Promise<void> {
  if (!vm.spec.cloudInit) return
  await hypervisor.ensureSeed({
    vmId: vm.id,
    revision: await secrets.revision(seedSecrets),
    files: () => seedFiles({ vm, secrets }),
  })
}

/** cloud-init takes a seed for one only with both user-data and meta-data, be they empty. JSON is YAML. */
async function seedFiles({ vm, secrets }: Pick<Context, 'vm' | 'secrets'>): Promise<Record<string, string>> {
  const given = JSON.parse((await secrets.read('cloudInit.metaData')) ?? '{}')
  const metaData = { 'instance-id': vm.id, 'local-hostname': vm.name, ...given }
  const networkConfig = await secrets.read('cloudInit.networkConfig')
  return {
    'meta-data': `${JSON.stringify(metaData, null, 2)}\n`,
    'user-data': (await secrets.read('cloudInit.userData')) ?? '',
    ...(networkConfig !== null && { 'network-config': networkConfig }),
  }
}
