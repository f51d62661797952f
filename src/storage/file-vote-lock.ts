/**
 * @packageDocumentation
 *
 * A vote lock of files, which holds across crashes, restarts and processes.
 *
 * One file binds an identity on one proposal. It is written under a temporary name, flushed to disk and then linked to its
 * name, which fails if the name is taken: of any number of processes that vote with one key on a machine, one binds it and
 * the others learn what it is bound to. Files lie in a folder of the identity, not of a node's data, so that they all meet
 * there, and so that restoring a backup of a data directory brings no old state back.
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

import { randomBytes } from 'node:crypto'
import { link, open, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { encodeMessage } from '../consensus/encode.ts'
import { isOnSubject } from '../consensus/vote-lock.ts'
import { decodeCanonical, decodeVote, encodeVote } from '../consensus/vote.ts'
import { VoteLockRecord } from '../pb/record.ts'
import { StorageFormatError, VoteLockDamagedError, VoteLockError } from './errors.ts'
import { removeLeftovers } from './leftovers.ts'
import { makeFolder, syncFolder } from './make-folder.ts'
import type { ProposalHead } from '../consensus/session.ts'
import type { VoteLock, VoteSubject } from '../consensus/vote-lock.ts'
import type { Vote } from '../consensus/vote.ts'

const RECORD_VERSION = 1
const TEMPORARY = /\.tmp(\.link)?$/
const NO_BYTES = new Uint8Array(0)

export class FileVoteLock implements VoteLock {
  private readonly folder: string
  private readonly syncs = new FolderSyncs()

  /**
   * @param folder - where locks are kept, the same for all nodes of a user on this machine; made if it is not there
   */
  constructor (folder: string) {
    this.folder = folder
  }

  /**
   * Makes the folder if it is not there, removes what processes that were killed have left in it, and finds out whether locks can be
   * kept in it, so that nobody learns it at the first vote.
   *
   * @throws {VoteLockError}
   */
  async prepare (): Promise<void> {
    const probe = join(this.folder, `${process.pid}.${randomBytes(8).toString('hex')}.tmp`)

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
    const path = join(folder, fileName(scope, proposal))

    for (;;) {
      const held = await this.find(scope, proposal, vote.voteOwner)

      if (held != null) {
        // whoever made it may not have made its name durable yet
        await this.syncs.sync(folder)

        return held
      }

      if (await create(folder, path, encode(scope, proposal, unsigned), this.syncs)) {
        return unsigned
      }
    }
  }

  /**
   * @throws {VoteLockDamagedError} if the identity may be bound but its lock cannot be read
   */
  async find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    const { proposalId, digest } = proposal
    const readAt = async (name: string): Promise<Vote | undefined> => read(join(this.folderOf(identity), name), scope, { proposalId, voteOwner: identity })
    const held = await readAt(fileName(scope, proposal))

    if (held != null || digest == null) {
      return held
    }

    // what was bound before locks were made on contents
    const byId = await readAt(fileName(scope, { proposalId }))

    return byId != null && isOnSubject(byId, proposal) ? byId : undefined
  }

  /** Locks that were written and not linked to their names bind nobody */
  private async removeLeftovers (): Promise<void> {
    await removeLeftovers(this.folder, TEMPORARY)

    for (const entry of await readdir(this.folder, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        await removeLeftovers(join(this.folder, entry.name), TEMPORARY)
      }
    }
  }

  private folderOf (identity: Uint8Array): string {
    return join(this.folder, bytesToHex(identity))
  }
}

/**
 * Votes count for a content, or, where they are not bound to one, for a proposal's id. The scope's name may be of any length and
 * hold anything, so it is hashed.
 */
function fileName (scope: string, { proposalId, digest }: Pick<VoteSubject, 'proposalId' | 'digest'>): string {
  const [form, subject] = digest == null ? [1, proposalId] : [2, bytesToHex(digest)]

  return bytesToHex(sha256(fromString(`libp2p-voting/vote-lock/${form}\n${encodeURIComponent(scope)}\n${subject}`)))
}

function encode (scope: string, proposal: ProposalHead, unsigned: Vote): Uint8Array {
  const record = {
    version: RECORD_VERSION,
    scope,
    vote: encodeVote(unsigned) as Uint8Array<ArrayBuffer>,
    expiration: proposal.expirationTimestamp,
    checksum: NO_BYTES
  }

  return encodeRecord({ ...record, checksum: checksum(record) })
}

function encodeRecord (record: VoteLockRecord): Uint8Array {
  return encodeMessage(VoteLockRecord.codec(), record)
}

function checksum (record: VoteLockRecord): Uint8Array<ArrayBuffer> {
  return sha256(encodeRecord({ ...record, checksum: NO_BYTES })) as Uint8Array<ArrayBuffer>
}

async function read (path: string, scope: string, expected: Pick<Vote, 'voteOwner' | 'proposalId'>): Promise<Vote | undefined> {
  let bytes: Uint8Array

  try {
    bytes = await readFile(path)
  } catch (err: any) {
    if (err.code === 'ENOENT') {
      return
    }

    throw new VoteLockError(`The vote lock ${path} cannot be read, so it is not known whether this key has voted: ${err.message}`, { cause: err })
  }

  return decode(path, bytes, scope, expected)
}

function decode (path: string, bytes: Uint8Array, scope: string, expected: Pick<Vote, 'voteOwner' | 'proposalId'>): Vote {
  let record: VoteLockRecord
  let vote: Vote

  try {
    record = decodeCanonical(bytes, 'vote lock', VoteLockRecord.decode, encodeRecord)

    if (!equals(checksum(record), record.checksum)) {
      throw new Error('its checksum does not fit')
    }

    vote = decodeVote(record.vote)

    if (record.scope !== scope || vote.proposalId !== expected.proposalId || !equals(vote.voteOwner, expected.voteOwner)) {
      throw new Error('it is for another proposal or voter')
    }
  } catch (err: any) {
    throw new VoteLockDamagedError(`The vote lock ${path} is damaged (${err.message}). This key has voted on the proposal, or was about to, and what is not known: it signs nothing more there. If you know from the other members that the vote never got out, remove the file to vote`, { cause: err })
  }

  if (record.version !== RECORD_VERSION) {
    throw new StorageFormatError(`The vote lock ${path} has form ${record.version}, this version reads form ${RECORD_VERSION}. Use the version of libp2p-voting that wrote it, or a newer one`)
  }

  return vote
}

/** Writes a file that is not there yet, durably. False if it is there. */
async function create (folder: string, path: string, bytes: Uint8Array, syncs: FolderSyncs): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${randomBytes(8).toString('hex')}.tmp`

  try {
    await writeDurably(temporary, bytes).catch(async err => {
      if (err.code !== 'ENOENT') {
        throw err
      }

      await makeFolder(folder)
      await writeDurably(temporary, bytes)
    })

    try {
      await link(temporary, path)
    } finally {
      await unlink(temporary)
    }

    await syncs.sync(folder)

    return true
  } catch (err: any) {
    if (err.code === 'EEXIST' && err.syscall === 'link') {
      return false
    }

    throw new VoteLockError(`The vote lock ${path} cannot be written, and without it no vote is signed: ${err.message}`, { cause: err })
  }
}

async function writeDurably (path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)

  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (err) {
    await unlink(path).catch(() => {
      // the first error is the one to tell; what is left has a temporary name and binds nothing
    })
    throw err
  } finally {
    await file.close()
  }
}

/**
 * Makes new names in a folder durable, for several calls at a time: those that come during one sync, which may not see their
 * names, share the next.
 */
class FolderSyncs {
  private readonly running = new Map<string, Promise<void>>()
  private readonly next = new Map<string, Promise<void>>()

  async sync (folder: string): Promise<void> {
    const running = this.running.get(folder)

    if (running == null) {
      return this.start(folder)
    }

    const start = async (): Promise<void> => {
      this.next.delete(folder)

      return this.start(folder)
    }
    const next = this.next.get(folder) ?? running.then(start, start)

    this.next.set(folder, next)

    return next
  }

  private async start (folder: string): Promise<void> {
    const sync = syncFolder(folder).finally(() => {
      if (this.running.get(folder) === sync) {
        this.running.delete(folder)
      }
    })

    this.running.set(folder, sync)

    return sync
  }
}
