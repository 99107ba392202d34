import { existsSync } from 'node:fs'
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { goldenDomains, someDomain } from './domain-specs.ts'

const schemaPath = '/usr/share/libvirt/schemas/domain.rng'

test.for(Object.entries(goldenDomains))('the definition of a VM stays what was reviewed: %s', async ([name, vm]) => {
  await expect(`${domainXml(vm)}\n`).toMatchFileSnapshot(`../../../../golden/domain/${name}.xml`)
})

describe.skipIf(!existsSync(schemaPath))(`libvirt's schema (skipped where ${schemaPath} is missing)`, () => {
  let schema: XmlDocument
  let validator: RelaxNGValidator
  beforeAll(() => {
    xmlRegisterFsInputProviders()
    schema = XmlDocument.fromString(
      `<grammar xmlns="http://relaxng.org/ns/structure/1.0"><include href="${schemaPath}"/></grammar>`,
      {
        url: schemaPath,
      },
    )
    validator = RelaxNGValidator.fromDoc(schema)
  })
  afterAll(() => {
    validator.dispose()
    schema.dispose()
  })

  test.for(Object.entries(goldenDomains))('accepts the definition of a VM: %s', ([, vm]) => {
    using document = XmlDocument.fromString(domainXml(vm))
    expect(() => validator.validate(document)).not.toThrow()
  })

  test('refuses a definition with a device that does not exist', () => {
    using document = XmlDocument.fromString(domainXml(someDomain()).replace('<devices>', '<devices><teapot/>'))
    expect(() => validator.validate(document)).toThrow()
  })
})
