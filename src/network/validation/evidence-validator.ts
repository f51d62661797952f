/**
 * Validates evidence: whether it proves that somebody has signed both yes and no on a proposal we know. When its votes were cast is not
 * looked at.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { voteFault } from '../../consensus/policy/scope-rules.ts'
import { checkEvidence } from '../../consensus/proofs/evidence.ts'
import { checkVoteHash, encodeVote, verifyVote } from '../../consensus/vote/vote.ts'
import { ACCEPT, ignore, validateError, known, reject, VOTE_FAULTS } from './verdict.ts'
import { ENOUGH_EVIDENCE, hasEnoughEvidence, KNOWN_EVIDENCE } from './vote-verdicts.ts'
import type { Validation } from './verdict.ts'
import type { Evidence } from '../../consensus/proofs/evidence.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'

export interface EvidenceValidatorInit {
  consensus: ConsensusService
  scheme: SignatureScheme
}

export class EvidenceValidator {
  private readonly init: EvidenceValidatorInit
  /** Whose evidence is being taken in from a message */
  private readonly relayed = new Set<string>()

  constructor (init: EvidenceValidatorInit) {
    this.init = init
  }

  /** Whether evidence that the core tells of came in a message, which is passed on as it is */
  isRelayed (scopeKey: string, vote: Vote): boolean {
    return this.relayed.has(keyOf(scopeKey, vote))
  }

  /**
   * @param relayed - whether it came in a message, which is passed on as it is
   */
  async validate (scope: JoinedScope, evidence: Evidence, relayed = true): Promise<Validation> {
    if (scope.policy.decisionRule !== 'quorum') {
      // votes here are not bound to a proposal's content, so two of them prove nothing
      return reject('there is no evidence in a scope of this decision rule')
    }

    const votes = [evidence.first, evidence.second]
    const fault = votes.map(vote => voteFault(scope, vote)).find(fault => fault != null)

    if (fault != null) {
      return reject(fault)
    }

    try {
      checkEvidence(evidence)
      votes.forEach(checkVoteHash)
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    }

    const session = await this.init.consensus.storage.getSession(scope.key, evidence.first.proposalId)

    if (session?.digest == null || !equals(session.digest, evidence.first.parentHash)) {
      return ignore('the evidence is about a proposal that is not known')
    }

    if (session.hasEvidenceAgainst(evidence.first.voteOwner)) {
      return known(KNOWN_EVIDENCE)
    }

    return this.untakeable(scope, session, evidence) ?? this.takeIn(scope, session, evidence, relayed)
  }

  /** What is wrong with the evidence, or with taking it in here, as far as no signatures are looked at */
  private untakeable (scope: JoinedScope, session: ConsensusSession, { first }: Evidence): Validation | undefined {
    if (hasEnoughEvidence(scope, session)) {
      return ignore(ENOUGH_EVIDENCE)
    }

    try {
      session.checkTakesVotesOf(first.voteOwner)
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    }
  }

  private async takeIn (scope: JoinedScope, session: ConsensusSession, evidence: Evidence, relayed: boolean): Promise<Validation> {
    const { first, second } = evidence
    const key = keyOf(scope.key, first)

    try {
      await this.verify(session, first)
      await this.verify(session, second)

      if (relayed) {
        this.relayed.add(key)
      }

      return await this.init.consensus.processEvidence(scope.key, evidence, { verified: true }) ? ACCEPT : known(KNOWN_EVIDENCE)
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    } finally {
      this.relayed.delete(key)
    }
  }

  /**
   * A vote that we have was verified when it came. It must be that very vote: whoever has another of the voter for this side
   * verifies this one, and would hold it against us if we passed on a forged one.
   */
  private async verify (session: ConsensusSession, vote: Vote): Promise<void> {
    const encoded = encodeVote(vote)

    if (!session.hasVotedFor(vote.voteOwner, vote.vote) || !session.encodedVotes().some(stored => equals(stored, encoded))) {
      await verifyVote(vote, this.init.scheme, encoded)
    }
  }
}

function keyOf (scopeKey: string, { proposalId, voteOwner }: Vote): string {
  return `${scopeKey}#${proposalId}#${bytesToHex(voteOwner)}`
}
