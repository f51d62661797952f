/**
 * Casts votes: binds an identity to one vote before anything is signed, has it signed, and stores it.
 */

import { equals } from 'uint8arrays/equals'
import { checkBoolean, checkBytes, checkObject, show } from '../encoding/check.ts'
import { MissingSignerError, UserAlreadyVotedError } from '../errors.ts'
import { checkNotExpired } from '../proposal/proposal.ts'
import { voteSubject } from './vote-lock.ts'
import { buildVote, signedPayload, validateVote } from './vote.ts'
import type { ConsensusObserver } from '../service-init.ts'
import type { SessionKeeper } from '../session/session-keeper.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { ConsensusSigner, SignatureScheme } from '../signing.ts'
import type { VoteLock } from './vote-lock.ts'
import type { Vote } from './vote.ts'

export interface VoteCasterInit {
  keeper: SessionKeeper
  scheme: SignatureScheme
  /** Signs where a call names no signer */
  signer?: ConsensusSigner
  voteLock: VoteLock
  observer: ConsensusObserver
}

export class VoteCaster {
  private readonly keeper: SessionKeeper
  private readonly scheme: SignatureScheme
  private readonly signer?: ConsensusSigner
  private readonly voteLock: VoteLock
  private readonly observer: ConsensusObserver

  constructor ({ keeper, scheme, signer, voteLock, observer }: VoteCasterInit) {
    this.keeper = keeper
    this.scheme = scheme
    this.signer = signer
    this.voteLock = voteLock
    this.observer = observer
  }

  /** See `ConsensusService.castVote` */
  async cast (scope: string, proposalId: number, choice: boolean, given?: ConsensusSigner): Promise<{ vote: Vote, session: ConsensusSession }> {
    checkBoolean('choice', choice)

    const signer = given ?? this.signer

    if (signer == null) {
      throw new MissingSignerError('There is nobody to sign the vote: give castVote a signer or make the service with one')
    }

    checkSigner(signer)

    const about = { scope, proposalId, owner: signer.identity }
    const bound = await this.keeper.onProposal(scope, proposalId, async session => {
      const now = this.keeper.now()

      checkMayVote(session, now, about)
      // before the identity is bound to a vote that nobody would ever see
      session.checkTakesVotesOf(signer.identity)

      const vote = await this.bind(scope, session, choice, signer.identity, now)

      if (session.digest != null) {
        // what an earlier proposal with this id has bound us to is not to be signed for this one
        session.checkVote(vote, now)
      }

      return vote
    })

    // a signer may ask a person, who takes time, while others vote and deadlines come
    const vote = { ...bound, signature: await signer.sign(signedPayload(bound)) }

    return this.keeper.onProposal(scope, proposalId, async session => {
      const now = this.keeper.now()

      checkMayVote(session, now, about)
      // a signer that signs for somebody else, or in another form, is found out before anybody sees the vote
      await validateVote(vote, session.voteTerms, now, this.scheme)

      // our own vote is on disk before anybody sees it
      const updated = await this.keeper.apply(scope, session, session.addVote(vote, now), { vote, durable: true })

      if (vote.vote !== choice) {
        throw new UserAlreadyVotedError(`This identity is bound to ${vote.vote ? 'yes' : 'no'} by an earlier vote, which has been completed now`, { ...about, vote })
      }

      return { vote, session: updated }
    })
  }

  /** See `ConsensusService.completeVote` */
  async complete (scope: string, session: ConsensusSession): Promise<Vote | undefined> {
    if (this.signer == null || !session.storesVotes || session.hasVoted(this.signer.identity)) {
      return
    }

    const bound = await this.voteLock.find(scope, voteSubject(session), this.signer.identity)

    return bound == null ? undefined : (await this.cast(scope, session.proposal.proposalId, bound.vote)).vote
  }

  /** See `ConsensusService.isBound` */
  async isBound (scope: string, session: ConsensusSession): Promise<boolean> {
    return this.signer != null && await this.voteLock.find(scope, voteSubject(session), this.signer.identity) != null
  }

  /** Whether a vote is of the service's signer */
  isOwn ({ voteOwner }: Vote): boolean {
    return this.signer != null && equals(voteOwner, this.signer.identity)
  }

  /** A vote of our own key that somebody else brings, for instance another node of ours, binds us as if we had cast it here */
  async bindOwn (scope: string, session: ConsensusSession, votes: readonly Vote[]): Promise<void> {
    for (const vote of votes) {
      if (!this.isOwn(vote)) {
        continue
      }

      const subject = voteSubject(session)
      const bound = await this.voteLock.find(scope, subject, vote.voteOwner)

      await this.voteLock.acquire(scope, subject, vote)

      if (bound == null || !equals(bound.voteHash, vote.voteHash)) {
        this.observer.onOwnVote?.(scope, vote, bound)
      }
    }
  }

  /** Binds an identity to a vote, and resolves with the vote it is bound to. Its time lies in the proposal's, whatever our clock says. */
  private async bind (scope: string, session: ConsensusSession, choice: boolean, owner: Uint8Array, now: bigint): Promise<Vote> {
    const { proposal, digest, lastVote } = session

    return this.voteLock.acquire(scope, voteSubject(session), buildVote({
      proposalId: proposal.proposalId,
      owner,
      choice,
      timestamp: now < proposal.timestamp ? proposal.timestamp : now,
      votes: lastVote == null ? [] : [lastVote],
      digest
    }))
  }
}

function checkMayVote (session: ConsensusSession, now: bigint, about: { scope: string, proposalId: number, owner: Uint8Array }): void {
  checkNotExpired(session.proposal, now)

  const voted = session.choiceOf(about.owner)

  if (voted != null) {
    throw new UserAlreadyVotedError(`This identity has voted ${voted ? 'yes' : 'no'} already`, about)
  }
}

export function checkSigner (signer: ConsensusSigner): void {
  checkObject('signer', signer)
  checkBytes('signer.identity', signer.identity)

  if (typeof signer.sign !== 'function') {
    throw new TypeError(`signer.sign must be a function, got ${show(signer.sign)}`)
  }
}
