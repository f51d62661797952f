/**
 * A voter who signs both yes and no, and tells whom it wants what it wants. It has ways of its own, which no partition stops.
 */

import { announcementDigest, buildVote, createProposal, proposalDigest, proposalIdOf, signedPayload } from '../../src/consensus/index.ts'
import { encodeAnnouncement, encodeVoteGossip } from '../../src/network/gossip/envelope.ts'
import { Frames } from '../../src/network/sync/frames.ts'
import { SyncRequest, SyncResponse, SyncStatus } from '../../src/pb/sync.ts'
import { contentId } from './pubsub.ts'
import { signerOf } from './scheme.ts'
import { clockOf, nameOf, yesOrNo } from './world.ts'
import type { Endpoint } from './network.ts'
import type { DoubleVoter as DoubleVoterPlan, Sending } from './plan.ts'
import type { SimulatedStream } from './stream.ts'
import type { World } from './world.ts'
import type { Proposal, ProposalHead } from '../../src/consensus/index.ts'

/** What it is asked, and what it has to answer */
interface Question {
  topic: string
  /** The proposal of the schedule, once it is made */
  proposal (): ProposalHead | undefined
  policyDigest: Uint8Array
}

export class DoubleVoter implements Endpoint {
  readonly number: number
  /** What it has signed, whomever it was told */
  readonly signed = new Map<boolean, Uint8Array>()
  private readonly world: World
  private readonly plan: DoubleVoterPlan
  private readonly question: Question
  private announcement?: Uint8Array

  constructor (world: World, plan: DoubleVoterPlan, question: Question) {
    this.world = world
    this.plan = plan
    this.question = question
    this.number = plan.number

    for (const sending of plan.sends) {
      world.time.at(world.begin + sending.at, () => { this.send(sending) })
    }
  }

  /** Makes the proposal of the schedule; tells it whom it wants, later */
  propose (): Proposal {
    const { world: { plan: { terms }, policy }, question: { policyDigest } } = this
    const signer = signerOf(this.number)
    const proposal = createProposal({
      name: 'Is it so?',
      payload: new Uint8Array(0),
      proposalOwner: signer.identity,
      expectedVotersCount: policy.voters?.length ?? 0,
      expirationTimestamp: BigInt(terms.lifetimeSeconds),
      livenessCriteriaYes: terms.livenessCriteriaYes
    }, clockOf(this.world, this.plan.clock))

    if (policy.decisionRule === 'quorum') {
      proposal.proposalId = proposalIdOf(proposalDigest(policyDigest, proposal))
    }

    const signature = signer.sign(announcementDigest(policy, proposal, policyDigest)) as Uint8Array

    this.announcement = encodeAnnouncement({ proposal, signature })
    this.world.tell(`${nameOf(this.number)}, a double voter, proposes`)

    return proposal
  }

  // it is everywhere from the beginning
  onConnected (other: number): void {
    const { network } = this.world

    network.sendInOrder(this.number, other, () => { network.endpoint(other)?.onSubscriptions(this.number, [this.question.topic], true) })
  }

  onDisconnected (): void {}

  onSubscriptions (): void {}

  /** What others vote goes no further here */
  onMessage (): void {}

  onStream (from: number, stream: SimulatedStream): void {
    switch (this.plan.sync) {
      case 'refuses':
        stream.abort(new Error('not for you'))
        return
      case 'agrees':
        void this.agree(stream)
        break
      default:
    }
  }

  /** Says that it has just what the other has */
  private async agree (stream: SimulatedStream): Promise<void> {
    const frames = new Frames(stream, SyncRequest.codec(), SyncResponse.codec(), { signal: new AbortController().signal, traffic: { bytesIn: 0, bytesOut: 0 } })

    try {
      const { hello } = await frames.read()

      await frames.write({ status: SyncStatus.OK, more: false, hello })
    } catch {
      // the other has hung up, or crashed
    }
  }

  private send ({ choice, to }: Sending): void {
    const { network, tell } = this.world
    const data = choice == null ? this.announcement : this.vote(choice)
    const receiver = network.endpoint(to)

    if (data == null || receiver == null) {
      return
    }

    tell(choice == null ? `${nameOf(this.number)} tells ${nameOf(to)} of its proposal` : `${nameOf(this.number)}, a double voter, tells ${nameOf(to)} ${yesOrNo(choice)}`)
    receiver.onMessage(this.number, { id: contentId(data), topic: this.question.topic, data }, false)
  }

  /** A message with its vote, which it signs once for each side */
  private vote (choice: boolean): Uint8Array | undefined {
    const proposal = this.question.proposal()

    if (proposal != null && !this.signed.has(choice)) {
      const { policy } = this.world
      const signer = signerOf(this.number)
      const now = clockOf(this.world, this.plan.clock)
      const { timestamp, expirationTimestamp } = proposal
      const unsigned = buildVote({
        proposalId: proposal.proposalId,
        owner: signer.identity,
        choice,
        // whenever it is sent, it says that it was cast in time
        timestamp: clamp(now, timestamp, expirationTimestamp),
        votes: [],
        digest: policy.decisionRule === 'quorum' ? proposalDigest(this.question.policyDigest, proposal) : undefined
      })

      this.signed.set(choice, encodeVoteGossip({ ...unsigned, signature: signer.sign(signedPayload(unsigned)) as Uint8Array }))
    }

    return this.signed.get(choice)
  }
}

function clamp (value: bigint, least: bigint, most: bigint): bigint {
  if (value < least) {
    return least
  }

  return value > most ? most : value
}
