import { existsSync } from 'node:fs'
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm'
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { attachmentXml } from '#worker/hypervisor/libvirt/storage/attachment-xml.ts'
import { readDiskPlaces } from '#worker/hypervisor/libvirt/storage/disk-places.ts'
import { poolXml, secretXml } from '#worker/hypervisor/libvirt/storage/pool-xml.ts'
import { domainXml } from '#worker/hypervisor/libvirt/xml/domain.ts'
import { someDomain } from '../xml/domain-specs.ts'
import { goldenAttachments, goldenPools } from './pools.ts'

const pools = Object.entries(goldenPools)
const attachments = Object.entries(goldenAttachments)
const golden = (name: string) => `../../../../golden/storage-pool/${name}.xml`

test.for(pools)('the definition of a pool stays what was reviewed: %s', async ([name, pool]) => {
  await expect(`${poolXml(pool)}\n`).toMatchFileSnapshot(golden(name))
})

test.for(attachments)('the disk that a volume becomes stays what was reviewed: %s', async ([name, source]) => {
  await expect(`${attachmentXml(source)}\n`).toMatchFileSnapshot(golden(name))
})

const schemas = '/usr/share/libvirt/schemas'

describe.skipIf(!existsSync(schemas))(`libvirt's schemas (skipped where ${schemas} is missing)`, () => {
  beforeAll(() => xmlRegisterFsInputProviders())

  function validate(schema: string, xml: string): void {
    const url = `${schemas}/${schema}.rng`
    const grammar = `<grammar xmlns="http://relaxng.org/ns/structure/1.0"><include href="${url}"/></grammar>`
    using rules = XmlDocument.fromString(grammar, { url })
    using validator = RelaxNGValidator.fromDoc(rules)
    using document = XmlDocument.fromString(xml)
    validator.validate(document)
  }

  test.for(pools)('accept a pool and its secret: %s', ([, pool]) => {
    validate('storagepool', poolXml(pool))
    validate('secret', secretXml(pool))
  })

  test('refuse a pool of what does not exist', () => {
    const [[, pool] = expect.fail()] = pools
    expect(() => validate('storagepool', poolXml(pool).replace('<target>', '<teapot/><target>'))).toThrow()
  })

  test.for(attachments)('accept a VM with the disk: %s', ([, source]) => {
    const xml = domainXml(someDomain())
    validate(
      'domain',
      xml.replace(/<disk [\s\S]*?<\/disk>/, () => attachmentXml(source)),
    )
  })
})

test('whatever names a volume in a definition is found, also below a disk, and nothing that a user wrote', () => {
  const xml = `<domain><title>&lt;source file='/of/users'/&gt;</title><devices>
    <disk type='file'><source file='/srv/R&amp;D/a.qcow2' index='1'/><backingStore type='file'><source file='/srv/base.qcow2'/></backingStore></disk>
    <disk type='block'><source dev='/dev/sda'/></disk>
    <disk type='volume'><source pool='fast' volume='b.qcow2'/></disk>
    <disk type='network'><source protocol='rbd' name='vms/c'><host name='192.0.2.1'/></source></disk>
    <interface type='network'><source network='default'/></interface></devices></domain>`
  expect(readDiskPlaces(xml)).toEqual([
    '/srv/R&D/a.qcow2',
    '/srv/base.qcow2',
    '/dev/sda',
    'volume:fast/b.qcow2',
    'rbd:vms/c',
  ])
})
