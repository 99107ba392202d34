import { renderXml, type XmlObject } from './render.ts'
import { readSpans, type Span } from './spans.ts'

/** What tells a device from the others of a definition. */
export interface DeviceKey {
  element: 'disk' | 'interface' | 'controller'
  id: string
}

export const diskKey = (target: string): DeviceKey => ({ element: 'disk', id: target })
export const nicKey = (mac: string): DeviceKey => ({ element: 'interface', id: mac.toLowerCase() })
/** The first controller of a type. */
export const controllerKey = (type: string): DeviceKey => ({ element: 'controller', id: `${type} 0` })

const idOf: Record<DeviceKey['element'], (span: Span) => string | undefined> = {
  disk: (span) => attributeOf(childOf(span, 'target'), 'dev'),
  interface: (span) => attributeOf(childOf(span, 'mac'), 'address')?.toLowerCase(),
  controller: (span) => `${attributeOf(span, 'type')} ${attributeOf(span, 'index')}`,
}

/** The text of a device in a definition; null where it has none such. */
export function findDevice(domainXml: string, key: DeviceKey): string | null {
  const span = spanOf(domainXml, key)
  return span ? domainXml.slice(span.start, span.end) : null
}

/** A definition with one more device; the rest stays to the letter. */
export function withDevice(domainXml: string, device: XmlObject): string {
  const { inner, end } = devicesOf(domainXml)
  const at = inner?.end ?? end
  return `${domainXml.slice(0, at)}${renderXml(device)}\n${domainXml.slice(at)}`
}

/** A definition without the device; the rest stays to the letter. */
export function withoutDevice(domainXml: string, key: DeviceKey): string {
  const span = spanOf(domainXml, key)
  return span ? without(domainXml, span) : domainXml
}

/** A definition in which the device reads otherwise; the rest stays to the letter. */
export function withChangedDevice(domainXml: string, key: DeviceKey, change: (deviceXml: string) => string): string {
  const span = spanOf(domainXml, key)
  if (!span) return domainXml
  return domainXml.slice(0, span.start) + change(domainXml.slice(span.start, span.end)) + domainXml.slice(span.end)
}

/**
 * A definition whose disks, cdroms and cards are tried in this order. One that names kinds of devices instead, as others
 * than us write them, keeps to that: libvirt takes no mixture.
 */
export function withBootPlaces(domainXml: string, placeOf: (key: DeviceKey) => number | undefined): string {
  if (childOf(childOf(readSpans(domainXml), 'os'), 'boot')) return domainXml
  const devices = devicesOf(domainXml).children.filter(({ name }) => name === 'disk' || name === 'interface')
  // From the last one: those before it keep their places in the text.
  return devices.toReversed().reduce((xml, span) => {
    const element = span.name as 'disk' | 'interface'
    const place = placeOf({ element, id: idOf[element](span) ?? '' })
    const booted = childOf(span, 'boot')
    if (attributeOf(booted, 'order') === place?.toString()) return xml
    const device = withoutChild(xml.slice(span.start, span.end), 'boot')
    const changed = place === undefined ? device : withChild(device, { boot: { '@order': place } })
    return xml.slice(0, span.start) + changed + xml.slice(span.end)
  }, domainXml)
}

/** A device without its child of that name. */
export function withoutChild(deviceXml: string, name: string): string {
  const child = childOf(readSpans(deviceXml), name)
  return child ? without(deviceXml, child) : deviceXml
}

/** A cdrom drive, as libvirt printed it, with another file in it, or none. */
export function withMedium(driveXml: string, path: string | null): string {
  const empty = ['source', 'backingStore'].reduce(withoutChild, driveXml).replace(/ tray='open'/, '')
  return path === null ? empty : withChild(empty, { source: { '@file': path } })
}

/** The display of a definition that asks for a password, with this one in its place; null where none does. */
export function graphicsWithPassword(domainXml: string, password: string): string | null {
  const isAsking = (span: Span) => span.name === 'graphics' && span.attributes.has('passwd')
  const display = devicesOf(domainXml).children.find(isAsking)
  const there = display?.attributes.get('passwd')
  if (!display || !there) return null
  const escaped = attributeOf(readSpans(renderXml({ graphics: { '@passwd': password } })), 'passwd')
  return `${domainXml.slice(display.start, there.start)} passwd="${escaped}"${domainXml.slice(there.end, display.end)}`
}

function withChild(deviceXml: string, child: XmlObject): string {
  const { inner } = readSpans(deviceXml)
  if (!inner) throw new Error('a device without parts')
  return `${deviceXml.slice(0, inner.start)}${renderXml(child)}${deviceXml.slice(inner.start)}`
}

function devicesOf(domainXml: string): Span {
  const devices = childOf(readSpans(domainXml), 'devices')
  if (!devices) throw new Error('a definition without devices')
  return devices
}

const spanOf = (domainXml: string, { element, id }: DeviceKey): Span | undefined =>
  devicesOf(domainXml).children.find((span) => span.name === element && idOf[element](span) === id)

const childOf = (span: Span | undefined, name: string): Span | undefined =>
  span?.children.find((child) => child.name === name)

const attributeOf = (span: Span | undefined, attribute: string): string | undefined =>
  span?.attributes.get(attribute)?.value

/** With the space before it. */
const without = (xml: string, { start, end }: Span): string => xml.slice(0, start).trimEnd() + xml.slice(end)
