/**
 * The records of LevelDB and the values they stand for.
 */

import { encodeMessage } from '../consensus/encode.ts'
import { decodeProposal, encodeProposal } from '../consensus/proposal.ts'
import { ConsensusSession } from '../consensus/session.ts'
import { ScopeConfigRecord, ScopeSettingsRecord, SessionRecord, StoredState } from '../pb/record.ts'
import type { ConsensusConfig } from '../consensus/config.ts'
import type { ScopeConfig } from '../consensus/scope-config.ts'
import type { SessionParts } from '../consensus/session.ts'
import type { ScopeSettings } from '../consensus/storage.ts'

/** What the record of a session says, without its votes */
export interface SessionHeader {
  parts: Omit<SessionParts, 'votes'>
  /** Place in the order the sessions were first stored */
  place: bigint
  /** Votes when it was written: an active session may have more */
  voteCount: number
}

const STATES: Record<StoredState, Pick<SessionParts, 'state' | 'result'>> = {
  [StoredState.ACTIVE]: { state: 'active' },
  [StoredState.YES]: { state: 'reached', result: true },
  [StoredState.NO]: { state: 'reached', result: false },
  [StoredState.FAILED]: { state: 'failed' }
}

export function encodeSession (session: ConsensusSession, place: bigint): Uint8Array {
  return encodeMessage(SessionRecord.codec(), {
    proposal: encodeProposal({ ...session.proposal, round: 0, votes: [] }) as Uint8Array<ArrayBuffer>,
    config: { ...session.config },
    createdAt: session.createdAt,
    state: storedState(session),
    sequence: place,
    voteCount: session.voteCount
  })
}

export function decodeHeader (record: Uint8Array): SessionHeader {
  const { proposal: encoded, config, createdAt, state, sequence: place, voteCount } = SessionRecord.decode(record)
  const { votes, round, ...proposal } = decodeProposal(encoded)

  return {
    parts: { proposal, config: config as ConsensusConfig, createdAt, ...STATES[state] },
    place,
    voteCount
  }
}

export function encodeScopeConfig (config: ScopeConfig): Uint8Array {
  return encodeMessage(ScopeConfigRecord.codec(), { ...config })
}

export function decodeScopeConfig (record: Uint8Array): ScopeConfig {
  return ScopeConfigRecord.decode(record) as ScopeConfig
}

export function encodeSettings ({ retainVotesSeconds }: ScopeSettings): Uint8Array {
  return encodeMessage(ScopeSettingsRecord.codec(), retainVotesSeconds == null ? {} : { retainVotesSeconds: BigInt(retainVotesSeconds) })
}

export function decodeSettings (record: Uint8Array): ScopeSettings {
  const { retainVotesSeconds } = ScopeSettingsRecord.decode(record as Uint8Array<ArrayBuffer>)

  return { retainVotesSeconds: retainVotesSeconds == null ? null : Number(retainVotesSeconds) }
}

function storedState ({ state, result }: ConsensusSession): StoredState {
  if (state === 'reached') {
    return result === true ? StoredState.YES : StoredState.NO
  }

  return state === 'active' ? StoredState.ACTIVE : StoredState.FAILED
}
