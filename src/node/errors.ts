/**
 * What keeps a node from starting. Each message is one line for its operator: what was wrong, the value, what to do.
 */

/** An option that is not valid */
export class InvalidOptionError extends Error {
  readonly name = 'InvalidOptionError'
}

/** The data directory cannot be read or written, is none of ours, or is damaged */
export class DataDirectoryError extends Error {
  readonly name = 'DataDirectoryError'
}

/** Another process runs on the data directory */
export class DataDirectoryInUseError extends Error {
  readonly name = 'DataDirectoryInUseError'
}

/** A key file that is missing, damaged or readable by others */
export class KeyFileError extends Error {
  readonly name = 'KeyFileError'
}

/** The node cannot listen where it was told to */
export class ListenError extends Error {
  readonly name = 'ListenError'
}

/** No peer answers at the bootstrap addresses */
export class BootstrapUnreachableError extends Error {
  readonly name = 'BootstrapUnreachableError'
  /** What is wrong, without what to do */
  readonly problem: string

  constructor (problem: string, advice: string, options?: ErrorOptions) {
    super(`${problem} ${advice}`, options)
    this.problem = problem
  }
}
