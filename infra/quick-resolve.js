// Loaded with --import. Node 24 parses a package's whole list of exports again for each file of the package that it
// loads (getPackageScopeConfig in lib/internal/modules/package_json_reader.js). drizzle-orm lists 447 in 180 KB and has
// hundreds of files: a second and 200 MB at each start. Its relative imports need no such look.
import module from 'node:module'

const slowPackage = '/node_modules/drizzle-orm/'

// An older Node, as npm may run on, has no hooks and does without.
module.registerHooks?.({
  resolve(specifier, context, next) {
    const isInside = specifier.startsWith('.') && context.parentURL?.includes(slowPackage)
    if (!isInside) return next(specifier, context)
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
  },
})
