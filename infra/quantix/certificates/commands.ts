import type { Commands } from '../command-line.ts'
import { authorityCommands } from './authority-commands.ts'
import { leafCommands } from './leaf-commands.ts'
import { openPlace } from './place.ts'

/** The CA of an installation, and what it issues. */
export function certificateCommands(stateDirectory: string): Commands {
  const place = openPlace(stateDirectory)
  return { ...authorityCommands(place), ...leafCommands(place) }
}
