/**
 * The records of LevelDB and the values they stand for.
 */

import { encodeMessage } from '../consensus/encode.ts'
import { decodeProposal, encodeProposal } from '../consensus/proposal.ts'
import { ConsensusSession } from '../consensus/session.ts'
import { ScopeConfigRecord, SessionRecord, StoredState } from '../pb/record.ts'
import { StorageFormatError } from './errors.ts'
import type { ConsensusConfig } from '../consensus/config.ts'
import type { ScopeConfig } from '../consensus/scope-config.ts'
import type { SessionParts } from '../consensus/session.ts'

/** The form of the records that this version writes, and the newest it can read */
export const RECORD_VERSION = 1

const STATES: Record<StoredState, Pick<SessionParts, 'state' | 'result'>> = {
  [StoredState.ACTIVE]: { state: 'active' },
  [StoredState.YES]: { state: 'reached', result: true },
  [StoredState.NO]: { state: 'reached', result: false },
  [StoredState.FAILED]: { state: 'failed' }
}

export function encodeSession (session: ConsensusSession, sequence: bigint): Uint8Array {
  return encodeMessage(SessionRecord.codec(), {
    version: RECORD_VERSION,
    proposal: encodeProposal({ ...session.proposal, round: 0, votes: [] }) as Uint8Array<ArrayBuffer>,
    config: { ...session.config },
    createdAt: session.createdAt,
    state: storedState(session),
    sequence
  })
}

export function decodeSequence (record: Uint8Array): bigint {
  return SessionRecord.decode(record).sequence
}

/**
 * @param votes - canonical encodings in order of arrival
 */
export function decodeSession (record: Uint8Array, votes: Uint8Array[]): ConsensusSession {
  const { version, proposal: encoded, config, createdAt, state } = SessionRecord.decode(record)

  checkVersion(version)

  const { votes: none, round, ...proposal } = decodeProposal(encoded)

  return ConsensusSession.fromParts({
    proposal,
    config: config as ConsensusConfig,
    createdAt,
    ...STATES[state],
    votes
  })
}

export function encodeScopeConfig (config: ScopeConfig): Uint8Array {
  return encodeMessage(ScopeConfigRecord.codec(), { ...config, version: RECORD_VERSION })
}

export function decodeScopeConfig (record: Uint8Array): ScopeConfig {
  const { version, ...config } = ScopeConfigRecord.decode(record)

  checkVersion(version)

  return config as ScopeConfig
}

function storedState ({ state, result }: ConsensusSession): StoredState {
  if (state === 'reached') {
    return result === true ? StoredState.YES : StoredState.NO
  }

  return state === 'active' ? StoredState.ACTIVE : StoredState.FAILED
}

function checkVersion (version: number): void {
  if (version !== RECORD_VERSION) {
    throw new StorageFormatError(`The store has a record of form ${version}, this version reads form ${RECORD_VERSION}. Use the version of libp2p-voting that wrote it, or a newer one`)
  }
}
