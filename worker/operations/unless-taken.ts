import { AppError } from '#db/errors.ts'

interface Making {
  note(name: string): Promise<void>
  outputs: Readonly<Record<string, unknown>>
}

const noteName = 'taken'

/** Makes something under a name that was free. What another one made meanwhile is not ours to undo. */
export async function makeUnlessTaken<Made>({ note }: Making, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof AppError && error.code === 'already_exists') await note(noteName)
    throw error
  }
}

/** Whether another one made it. */
export const wasTaken = ({ outputs }: Making): boolean => Object.hasOwn(outputs, noteName)
