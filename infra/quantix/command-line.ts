import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util'
import { AppError } from '#db/errors.ts'

/** An option as its help shows it. */
export interface Option extends ParseArgsOptionDescriptor {
  /** What stands for its value: `DIR`. */
  value?: string
  help: string
}

export interface Arguments {
  positionals: string[]
  /** The last of an option that was given more than once. */
  text(name: string): string | undefined
  texts(name: string): string[]
  isSet(name: string): boolean
  /** A whole number of at least 1. */
  count(name: string): number | undefined
}

export interface Command {
  /** One line, in the list of commands. */
  summary: string
  /** What follows on its name: `NODE_ID`. */
  positionals?: string
  options: Record<string, Option>
  /** More than the summary, for its help. */
  help?: string
  /** Resolves to what is printed. */
  run(given: Arguments): Promise<string>
}

/** By their names: `certificates init`. */
export type Commands = Record<string, Command>

const program = 'npm run quantix --'

/** Runs the command that the arguments name, or shows help. Throws `invalid_argument` where they cannot be understood. */
export async function runCommandLine(commands: Commands, args: readonly string[]): Promise<string> {
  const name = Object.keys(commands).find((name) => name.split(' ').every((word, index) => word === args[index]))
  const command = name === undefined ? undefined : commands[name]
  if (name === undefined || !command) {
    const words = args.filter((arg) => !arg.startsWith('-'))
    if (args.length === 0 || args.includes('--help') || isGroup(commands, words)) return helpOf(commands, words)
    throw new AppError('invalid_argument', `There is no command "${words.join(' ')}".\n\n${helpOf(commands, [])}`)
  }
  const rest = args.slice(name.split(' ').length)
  if (rest.includes('--help')) return commandHelp(name, command)
  return await command.run(readArguments(name, command, rest))
}

function readArguments(
  name: string,
  { options, positionals: wanted = '' }: Command,
  args: readonly string[],
): Arguments {
  const usage = () => `\n\nUsage: ${usageOf(name, { options, positionals: wanted })}`
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new AppError('invalid_argument', `${error instanceof Error ? error.message : error}${usage()}`)
  }
  const { values, positionals } = parsed
  const [least, most] = [
    wanted.includes('[') || wanted === '' ? 0 : 1,
    wanted.includes('…') ? Number.POSITIVE_INFINITY : wanted === '' ? 0 : 1,
  ]
  if (positionals.length < least) throw new AppError('invalid_argument', `${wanted} is missing.${usage()}`)
  if (positionals.length > most)
    throw new AppError('invalid_argument', `"${positionals[most]}" is one too many.${usage()}`)
  const texts = (option: string) => [values[option] ?? []].flat().map(String)
  return {
    positionals,
    texts,
    text: (option) => texts(option).at(-1),
    isSet: (option) => values[option] === true,
    count(option) {
      const text = texts(option).at(-1)
      if (text === undefined) return undefined
      if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
      throw new AppError('invalid_argument', `--${option} ${text} must be a whole number of at least 1.${usage()}`)
    },
  }
}

const isGroup = (commands: Commands, words: readonly string[]) =>
  words.length > 0 && Object.keys(commands).some((name) => name.startsWith(`${words.join(' ')} `))

function helpOf(commands: Commands, group: readonly string[]): string {
  const prefix = group.length > 0 && isGroup(commands, group) ? `${group.join(' ')} ` : ''
  const shown = Object.entries(commands).filter(([name]) => name.startsWith(prefix))
  const rows = shown.map(([name, { positionals = '', summary }]) => [`${name} ${positionals}`.trim(), summary])
  return `Usage: ${program} COMMAND [OPTIONS]\n\n${columns(rows)}\n\nCOMMAND --help says more of each.`
}

function commandHelp(name: string, command: Command): string {
  const rows = Object.entries(command.options).map(([option, { value, help }]) => [
    `--${option}${value ? ` ${value}` : ''}`,
    help,
  ])
  const parts = [`Usage: ${usageOf(name, command)}`, command.summary, command.help, rows.length > 0 && columns(rows)]
  return parts.filter(Boolean).join('\n\n')
}

const usageOf = (name: string, { positionals = '', options }: Pick<Command, 'positionals' | 'options'>) =>
  [program, name, positionals, Object.keys(options).length > 0 && '[OPTIONS]'].filter(Boolean).join(' ')

/** Two columns, or more, as wide as what is in them. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows
    .map((row) => `  ${row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('   ')}`.trimEnd())
    .join('\n')
}
