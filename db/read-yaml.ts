import { LineCounter, parseDocument } from 'yaml'
import { isJsonObject } from './same-json.ts'

/** What a YAML text holds, or what is wrong with it, in words that repeat nothing of it. */
export type ReadYaml = { value: unknown } | { problem: string }

/** As PyYAML reads it, which is what cloud-init uses: version 1.1, where the last of two equal keys counts. */
export function readYaml(text: string): ReadYaml {
  try {
    const lineCounter = new LineCounter()
    const document = parseDocument(text, {
      version: '1.1',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
    })
    const [error] = document.errors
    if (!error) return { value: document.toJS({ maxAliasCount: 100 }) }
    const { line, col } = lineCounter.linePos(error.pos[0])
    return { problem: `is not YAML (${error.code} at line ${line}, column ${col})` }
  } catch {
    return { problem: 'is YAML that nests or refers to itself too often' }
  }
}

/** Null where the text is no mapping. */
export const asMapping = (value: unknown): Record<string, unknown> | null => (isJsonObject(value) ? value : null)
