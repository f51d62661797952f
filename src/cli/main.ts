/**
 * Parses the command line, and turns errors into one line and an exit code.
 */

import { CommanderError } from 'commander'
import color from 'picocolors'
import { exitCodeOf } from './exit-codes.ts'
import { printable } from './output.ts'
import { createProgram } from './program.ts'

function fail (err: Error): void {
  // commander has said it already
  if (!(err instanceof CommanderError)) {
    console.error(`${color.red('error:')} ${printable(err.message.replaceAll(/\s*\n\s*/g, ' '))}`)
  }

  if (process.env.DEBUG != null && process.env.DEBUG !== '') {
    console.error(err)
  }

  process.exit(exitCodeOf(err))
}

// a reader that has seen enough, like head, closes the pipe
process.stdout.on('error', (err: NodeJS.ErrnoException) => {
  if (err.code === 'EPIPE') {
    process.exit()
  }

  throw err
})
process.on('uncaughtException', fail)

try {
  await createProgram().parseAsync()
  process.exit()
} catch (err) {
  fail(err as Error)
}
