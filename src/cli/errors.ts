/** An error that the commands themselves find, with the exit code it gives */
export class CliError extends Error {
  readonly name = 'CliError'
  readonly exitCode: number

  constructor (message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
