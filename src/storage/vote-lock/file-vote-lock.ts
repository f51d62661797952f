/**
 * @packageDocumentation
 *
 * A vote lock of files, which holds across crashes, restarts and processes.
 *
 * One file name binds an identity on one proposal. What it is bound to is written under a temporary name, flushed to disk and
 * then linked to its name, which fails if the name is taken: of any number of processes that vote with one key on a machine,
 * one binds it and the others learn what it is bound to. Locks that are asked for at the same time share a file and its flush.
 * Files lie in a folder of the identity, not of a node's data, so that they all meet there, and so that restoring a backup of
 * a data directory brings no old state back. A counter beside the locks of an identity is raised before each lock, and tells
 * when the folder itself was lost or put back from an older copy.
 *
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { ethereumScheme, ethereumSigner } from 'libp2p-voting/signers/ethereum'
 * import { FileVoteLock } from 'libp2p-voting/storage/file-vote-lock'
 * import { generatePrivateKey } from 'viem/accounts'
 *
 * const service = new ConsensusService({
 *   scheme: ethereumScheme(),
 *   signer: ethereumSigner(generatePrivateKey()),
 *   voteLock: new FileVoteLock('./locks')
 * })
 * ```
 */

import { link, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex } from '@noble/hashes/utils.js'
import { isOnSubject } from '../../consensus/vote/vote-lock.ts'
import { VoteLockError } from '../errors.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readIfThere } from '../files/read-if-there.ts'
import { removeLeftovers } from '../integrity/leftovers.ts'
import { FolderSyncs } from './folder-syncs.ts'
import { LockCounterFile } from './lock-counter-file.ts'
import { decodeLockFile, encodeLock, lockFileName } from './lock-file.ts'
import { isThere, notWritten, TEMPORARY, temporaryName, VoteLockWriter, writeDurably } from './lock-writer.ts'
import type { LockCounter, RaiseOptions } from '../../consensus/vote/lock-counter.ts'
import type { VoteLock, VoteSubject } from '../../consensus/vote/vote-lock.ts'
import type { Vote } from '../../consensus/vote/vote.ts'

const NO_BYTES = new Uint8Array(0)

/** Folder of the counter, beside the locks of an identity */
const COUNTER = 'counter'

export class FileVoteLock implements VoteLock {
  readonly place: string
  private readonly folder: string
  private readonly syncs = new FolderSyncs()
  private readonly writer = new VoteLockWriter(async folder => counterIn(folder).raise())

  /**
   * @param folder - where locks are kept, the same for all nodes of a user on this machine; made if it is not there
   */
  constructor (folder: string) {
    this.folder = folder
    this.place = folder
  }

  /**
   * Makes the folder if it is not there, removes what processes that were killed have left in it, and finds out whether locks can be
   * kept in it, so that nobody learns it at the first vote.
   *
   * @throws {VoteLockError}
   */
  async prepare (): Promise<void> {
    const probe = join(this.folder, temporaryName())

    try {
      await makeFolder(this.folder)
      await writeDurably(probe, NO_BYTES)
      await link(probe, `${probe}.link`).finally(async () => unlink(probe))
      await unlink(`${probe}.link`)
      await this.removeLeftovers()
    } catch (err: any) {
      throw new VoteLockError(`No vote locks can be kept in ${this.folder}, and without them no vote is signed: ${err.message}. It must be a folder that can be written to, on a file system with hard links`, { cause: err })
    }
  }

  /**
   * @throws {VoteLockDamagedError} if the identity may be bound already but its lock cannot be read
   * @throws {VoteLockError} if the lock cannot be written
   */
  async acquire (scope: string, proposal: VoteSubject, vote: Vote): Promise<Vote> {
    const unsigned = { ...vote, signature: NO_BYTES }
    const folder = this.folderOf(vote.voteOwner)
    const name = lockFileName(scope, proposal)
    const lock = { name, record: encodeLock(scope, proposal, unsigned) }
    let bound = await this.boundById(scope, proposal, vote.voteOwner)

    while (bound == null) {
      bound = await this.writer.create(folder, lock) ? unsigned : await this.find(scope, proposal, vote.voteOwner)
    }

    // whoever made it may not have made its name durable yet
    await this.syncs.sync(folder).catch(err => { throw notWritten(folder, name, err) })

    return bound
  }

  /**
   * @throws {VoteLockDamagedError} if the identity may be bound but its lock cannot be read
   */
  async find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    const { proposalId, digest } = proposal
    const readAt = async (name: string): Promise<Vote | undefined> => read(this.folderOf(identity), name, scope, { proposalId, voteOwner: identity })
    const held = await readAt(lockFileName(scope, proposal))

    if (held != null || digest == null) {
      return held
    }

    // what was bound before locks were made on contents
    const byId = await readAt(lockFileName(scope, { proposalId }))

    return byId != null && isOnSubject(byId, proposal) ? byId : undefined
  }

  /**
   * @throws {VoteLockDamagedError} | {VoteLockError} if it cannot be read
   */
  async counter (identity: Uint8Array): Promise<LockCounter | undefined> {
    return counterIn(this.folderOf(identity)).read()
  }

  /**
   * @throws {VoteLockDamagedError} | {VoteLockError} if it cannot be read or written
   */
  async raise (identity: Uint8Array, options?: RaiseOptions): Promise<LockCounter> {
    return counterIn(this.folderOf(identity)).raise(options)
  }

  /** What an identity was bound to before locks were made on contents, which making one does not come upon */
  private async boundById (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    const { proposalId, digest } = proposal

    if (digest != null && await isThere(join(this.folderOf(identity), lockFileName(scope, { proposalId })))) {
      return this.find(scope, proposal, identity)
    }
  }

  /** Locks that were written and not linked to their names bind nobody */
  private async removeLeftovers (): Promise<void> {
    await removeLeftovers(this.folder, TEMPORARY)

    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        await removeLeftovers(join(this.folder, entry.name), TEMPORARY)
        await removeLeftovers(join(this.folder, entry.name, COUNTER), TEMPORARY)
      }
    }
  }

  private folderOf (identity: Uint8Array): string {
    return join(this.folder, bytesToHex(identity))
  }
}

function counterIn (folder: string): LockCounterFile {
  return new LockCounterFile(join(folder, COUNTER))
}

async function read (folder: string, name: string, scope: string, expected: Pick<Vote, 'voteOwner' | 'proposalId'>): Promise<Vote | undefined> {
  const path = join(folder, name)
  const bytes = await readIfThere(path).catch((err: Error) => {
    throw new VoteLockError(`The vote lock ${path} cannot be read, so it is not known whether this key has voted: ${err.message}`, { cause: err })
  })

  return bytes == null ? undefined : decodeLockFile(path, bytes, name, scope, expected)
}
