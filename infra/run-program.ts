import { AppError } from '#db/errors.ts'

/** Runs a program's main part. An error that is meant for its user is shown without a stack; either way it ends with 1. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof AppError ? error.message : error)
    process.exitCode = 1
  }
}
