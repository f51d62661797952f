/**
 * What the exit code of the binary means.
 */

import { CommanderError } from 'commander'
import { ApiProblemError } from '../client/index.ts'
import { CliError } from './errors.ts'
import type { ProposalSummary } from '../client/index.ts'

export const EXIT = {
  ok: 0,
  /** Something nobody expected */
  failure: 1,
  usage: 2,
  notFound: 3,
  /** Of `verify` only */
  policyNotChecked: 3,
  notRunning: 4,
  refused: 5,
  cannotStart: 6,
  noResult: 7,
  damaged: 8,
  notStored: 9,
  /** Of `--wait` only, as the next two and `noResult` */
  decidedNo: 10,
  late: 11,
  contradicted: 12
} as const

export const EXIT_HELP = `
Exit codes:
  0  done
  1  something unexpected went wrong; a certificate or evidence proves nothing; doctor has found a problem
  2  an option, an argument or a file is not valid
  3  there is no such scope or proposal; of verify also: the file agrees with itself, and its policy was not checked
  4  no node is running on the data directory
  5  the node refuses: not on the policy's list, voted already, voting has ended, another policy, no certificate or evidence, wrong token
  6  the node cannot start: data directory, lock directory, keys, ports, bootstrap peers
  7  the proposal ended without a result (with --wait)
  8  the store is damaged, or what is kept of how this key has voted
  9  something could not be stored, for instance since the disk is full: nothing was voted, proposed or joined
  10  the proposal was decided no (with --wait; 0 is yes)
  11  the result is late, so act on it only if a person says so (with --wait)
  12  both sides have the votes of a quorum, so do not act on any result (with --wait)`

/** Errors that keep a node from starting, by their names */
const CANNOT_START = new Set(['BootstrapUnreachableError', 'DataDirectoryError', 'DataDirectoryInUseError', 'KeyFileError', 'ListenError', 'StorageFormatError', 'StorageNetworkError', 'StorageOpenError', 'StorageOwnerError', 'VoteLockError'])

/** Errors of what is not as it was written, at the node as here */
const DAMAGED = new Set(['StorageDamagedError', 'VoteLockDamagedError'])

const USAGE = new Set(['ExportFileError', 'InvalidOptionError', 'InvalidPolicyError'])

export function exitCodeOf (err: Error): number {
  if (err instanceof CliError) {
    return err.exitCode
  }

  if (err instanceof CommanderError) {
    return err.exitCode === 0 ? EXIT.ok : EXIT.usage
  }

  if (err instanceof ApiProblemError) {
    return DAMAGED.has(err.kind) ? EXIT.damaged : ofStatus(err.status)
  }

  if (err.name === 'NodeUnreachableError') {
    return EXIT.notRunning
  }

  if (DAMAGED.has(err.name)) {
    return EXIT.damaged
  }

  if (err.name === 'StorageWriteError') {
    return EXIT.notStored
  }

  if (CANNOT_START.has(err.name)) {
    return EXIT.cannotStart
  }

  return USAGE.has(err.name) ? EXIT.usage : EXIT.failure
}

/** Tells with `--wait` how a proposal ended, so that a script acts on nothing it must not act on */
export function exitCodeOfEnd ({ state, result, late, contradicted }: Pick<ProposalSummary, 'state' | 'result' | 'late' | 'contradicted'>): number {
  if (contradicted === true || state === 'conflict') {
    return EXIT.contradicted
  }

  if (result == null) {
    return EXIT.noResult
  }

  if (late === true) {
    return EXIT.late
  }

  return result === 'yes' ? EXIT.ok : EXIT.decidedNo
}

function ofStatus (status: number): number {
  switch (status) {
    case 400:
    case 413: return EXIT.usage
    case 404: return EXIT.notFound
    case 401:
    case 403:
    case 409: return EXIT.refused
    case 507: return EXIT.notStored
    default: return EXIT.failure
  }
}
