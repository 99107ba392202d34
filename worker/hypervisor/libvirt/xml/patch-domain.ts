import { readSpans, type Span } from './spans.ts'

/** A replacement of a part of a text. */
interface Edit {
  start: number
  end: number
  text: string
}

interface Source {
  text: string
  span: Span
}

/** What a change of a spec never touches: who the VM is, the machine it was made as, and ports, of which libvirt adds what is missing. */
const untouched: ReadonlySet<string> = new Set(['name', 'uuid', 'os', 'controller'])

/** Devices with routes of their own: a change of a spec reaches into those that are there, and never makes or removes one. */
const onlyWhereThere: ReadonlySet<string> = new Set(['disk', 'interface'])

/** libvirt adds to a video model what goes with its type, and refuses it with another. */
const replacedWhole: ReadonlySet<string> = new Set(['model'])

/** What tells elements of one name apart. */
const keyOf = ({ name, attributes, children }: Span): string => {
  const own = (attribute: string) => attributes.get(attribute)?.value
  const below = (child: string, attribute: string) =>
    children.find((each) => each.name === child)?.attributes.get(attribute)?.value
  const keys: Record<string, string | undefined> = {
    timer: own('name'),
    feature: own('name'),
    disk: below('target', 'dev'),
    interface: below('mac', 'address')?.toLowerCase(),
    channel: below('target', 'name'),
    // libvirt shows the one that a q35 machine has by itself, too.
    watchdog: own('model'),
  }
  return [name, keys[name] ?? ''].join(' ')
}

/**
 * A definition, as libvirt printed it, with what differs between two renderings of its VM: elements and attributes that
 * are the same in both stay in it to the letter, also where the definition has other ones. Made twice it is the same.
 */
export function patchDomain(definition: string, before: string, after: string): string {
  const { text, old } = withoutDerived(definition, before, after)
  const [target, was, wanted] = [text, old, after].map((xml) => ({ text: xml, span: readSpans(xml) }))
  return apply(text, patch(target as Source, was as Source, wanted as Source))
}

/** What libvirt makes by itself of something that we say. */
const derived = [
  // Which vCPUs are there, one by one.
  { from: /<vcpu.*<\/vcpu>/g, made: /\s*<vcpus>.*<\/vcpus>/s },
  // The watchdog that a q35 machine has anyway, which newer libvirt shows, and wants to do the same as another one.
  { from: /<watchdog .*/g, made: /\s*<watchdog model='itco'[^>]*\/>/ },
  // The sound of a SPICE display, which goes with no other.
  { from: /<graphics type="\w+"/g, made: /\s*<audio id='\d+' type='spice'\/>/ },
]

/** A definition without what libvirt made by itself of what is changing, and contradicts it then. */
function withoutDerived(definition: string, before: string, after: string): { text: string; old: string } {
  const differs = (pattern: RegExp) => before.match(pattern)?.join() !== after.match(pattern)?.join()
  const text = derived.reduce((xml, { from, made }) => (differs(from) ? xml.replace(made, '') : xml), definition)
  // What to boot from where no device has an order; then no device has one yet.
  const osBoot = /\s*<boot dev='[^']*'\/>/g
  if (!osBoot.test(text) || !differs(/<target dev="[^"]*"|<mac address="[^"]*"|<boot order="\d+"/g)) {
    return { text, old: before }
  }
  return { text: text.replace(osBoot, ''), old: before.replace(/\s*<boot order="\d+"\/>/g, '') }
}

function patch(target: Source, old: Source, wanted: Source): Edit[] {
  const hasChildren = [target, old, wanted].some(({ span }) => span.children.length > 0)
  return [
    ...patchAttributes(target, old, wanted),
    ...(hasChildren ? patchChildren(target, old, wanted) : patchText(target, old, wanted)),
  ]
}

function patchAttributes({ span }: Source, old: Source, wanted: Source): Edit[] {
  const isTextChanged = old.span.children.length === 0 && innerText(old) !== innerText(wanted)
  const names = new Set([...old.span.attributes.keys(), ...wanted.span.attributes.keys()])
  return [...names].flatMap((name): Edit[] => {
    const value = wanted.span.attributes.get(name)?.value
    // A number means nothing without its unit.
    if (old.span.attributes.get(name)?.value === value && !isTextChanged) return []
    const there = span.attributes.get(name)
    const text = value === undefined ? '' : ` ${name}="${value}"`
    return [{ start: there?.start ?? span.nameEnd, end: there?.end ?? span.nameEnd, text }]
  })
}

function patchText(target: Source, old: Source, wanted: Source): Edit[] {
  const text = innerText(wanted)
  if (innerText(old) === text) return []
  return target.span.inner ? [{ ...target.span.inner, text }] : intoEmpty(target, text)
}

function patchChildren(target: Source, old: Source, wanted: Source): Edit[] {
  const [there, was, is] = [target, old, wanted].map(byKey) as [Children, Children, Children]
  const added: string[] = []
  const edits = [...new Set([...was.keys(), ...is.keys()])].flatMap((key): Edit[] => {
    const [mine, before, after] = [there.get(key), was.get(key), is.get(key)]
    const [name = ''] = key.split(' ')
    if (untouched.has(name) || (before && after && isSame(before, after))) return []
    if (!after) return mine ? [{ start: lineStart(target.text, mine.span.start), end: mine.span.end, text: '' }] : []
    if (mine && before && !replacedWhole.has(name)) return patch(mine, before, after)
    if (mine) return [{ start: mine.span.start, end: mine.span.end, text: outerText(after) }]
    if (!onlyWhereThere.has(name)) added.push(outerText(after))
    return []
  })
  if (added.length === 0) return edits
  const text = added.join('\n')
  const { inner } = target.span
  return [...edits, ...(inner ? [{ start: inner.end, end: inner.end, text: `${text}\n` }] : intoEmpty(target, text))]
}

type Children = Map<string, Source>

const byKey = ({ text, span }: Source): Children =>
  new Map(span.children.map((child) => [keyOf(child), { text, span: child }]))

const outerText = ({ text, span }: Source): string => text.slice(span.start, span.end)
const innerText = ({ text, span }: Source): string => (span.inner ? text.slice(span.inner.start, span.inner.end) : '')
/** Both come from one renderer. */
const isSame = (a: Source, b: Source): boolean => outerText(a) === outerText(b)

/** `<a/>` becomes `<a>text</a>`. */
const intoEmpty = ({ text: source, span }: Source, text: string): Edit[] => {
  const slash = source.lastIndexOf('/', span.end)
  return [{ start: slash, end: span.end, text: `>${text}</${span.name}>` }]
}

const lineStart = (text: string, at: number): number => /\s*$/.exec(text.slice(0, at))?.index ?? at

function apply(text: string, edits: readonly Edit[]): string {
  const last = edits.toSorted((a, b) => b.start - a.start || b.end - a.end)
  return last.reduce((done, edit) => done.slice(0, edit.start) + edit.text + done.slice(edit.end), text)
}
