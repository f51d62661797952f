/** The store cannot be opened; the message says where it is and why */
export class StorageOpenError extends Error {
  readonly name = 'StorageOpenError'
  /** Whether the reason is that a process has it open already */
  readonly inUse: boolean

  constructor (message: string, { inUse = false, ...options }: ErrorOptions & { inUse?: boolean } = {}) {
    super(message, options)
    this.inUse = inUse
  }
}

/** The store holds something this version cannot read */
export class StorageFormatError extends Error {
  readonly name = 'StorageFormatError'
}

/** The store is somebody else's: what it says of how the owner has voted is not about us */
export class StorageOwnerError extends Error {
  readonly name = 'StorageOwnerError'
}

/** The store was used in another network, whose proposals it holds */
export class StorageNetworkError extends Error {
  readonly name = 'StorageNetworkError'
}

/** Something was not stored, for instance because the disk is full. What was stored before is as it was, and can be read. */
export class StorageWriteError extends Error {
  readonly name = 'StorageWriteError'
}

/** What is wrong with a record, and which it is */
export interface DamagedRecord {
  /**
   * `proposal`, `vote`, `outcome`, `order`, `active`, `day`, `config`, `policy`, `settings`, `lock`, `schema`, or
   * `database` for LevelDB's own files
   */
  kind: string
  scope?: string
  proposalId?: number
  /** What is wrong, in words */
  problem: string
}

/** A record is not as it was written, or is missing. Nothing is answered from it. */
export class StorageDamagedError extends Error implements DamagedRecord {
  readonly name = 'StorageDamagedError'
  readonly kind: string
  readonly scope?: string
  readonly proposalId?: number
  readonly problem: string

  constructor (location: string, { kind, scope, proposalId, problem }: DamagedRecord, options?: ErrorOptions) {
    const about = `${proposalId == null ? '' : ` of proposal ${proposalId}`}${scope == null ? '' : ` in scope ${JSON.stringify(scope)}`}`

    super(`The store ${location} is damaged: ${kind === 'database' ? '' : `its ${kind} record${about} `}${problem}. LevelStorage.check, or \`libp2p-voting store check\`, lists all that is damaged; stop the node first. Restore the folder from a backup, or keep what is whole with \`libp2p-voting store repair\` and get the rest from the other members again`, options)
    this.kind = kind
    this.scope = scope
    this.proposalId = proposalId
    this.problem = problem
  }
}

/** A vote lock cannot be read or written, so nothing is signed */
export class VoteLockError extends Error {
  readonly name: string = 'VoteLockError'
}

/** A vote lock is there but what it binds to is not known */
export class VoteLockDamagedError extends VoteLockError {
  readonly name = 'VoteLockDamagedError'
}
