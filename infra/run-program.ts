import { AppError } from '#db/errors.ts'

/** Runs a program's main part; an error ends it with 1. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    showError(error)
    process.exitCode = 1
  }
}

/** An error that is meant for the user is shown without a stack. */
export function showError(error: unknown): void {
  console.error(error instanceof AppError ? error.message : error)
}
