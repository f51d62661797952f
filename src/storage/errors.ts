/** The store cannot be opened; the message says where it is and why */
export class StorageOpenError extends Error {
  readonly name = 'StorageOpenError'
}

/** The store holds something this version cannot read */
export class StorageFormatError extends Error {
  readonly name = 'StorageFormatError'
}

/** A vote lock cannot be read or written, so nothing is signed */
export class VoteLockError extends Error {
  readonly name: string = 'VoteLockError'
}

/** A vote lock is there but what it binds to is not known */
export class VoteLockDamagedError extends VoteLockError {
  readonly name = 'VoteLockDamagedError'
}
