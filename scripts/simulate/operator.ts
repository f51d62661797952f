/**
 * Whoever operates a node: proposes, votes, asks how things stand, and takes note of all that the service tells.
 */

import { equals } from 'uint8arrays/equals'
import { numberOfPeer } from './peer-ids.ts'
import { elapsed, nameOf, namesOf, yesOrNo } from './world.ts'
import type { Observations } from './observations.ts'
import type { Member } from './plan.ts'
import type { World } from './world.ts'
import type { ProposalHead } from '../../src/consensus/index.ts'
import type { Decision, ProposalState, Voting } from '../../src/index.ts'

/** How often somebody asks how things stand, milliseconds */
const POLL_INTERVAL = 8_000

/** How long an operator waits who was told that no other could be asked yet, milliseconds */
const RETRY_INTERVAL = 2_000

/** What an operator may be told who wants to vote */
const REFUSALS = new Set(['UserAlreadyVotedError', 'ProposalExpiredError', 'NotStartedError', 'ScopeNotJoinedError'])

export interface OperatorInit {
  world: World
  member: Member
  observations: Observations
  /** Whether this is the first process of the node */
  isFirst: boolean
  service: Voting
  isRunning (): boolean
  /** Is told of each proposal that becomes known */
  onProposal (proposal: ProposalHead): void
}

export class Operator {
  private readonly init: OperatorInit
  private proposalId?: number
  private ended = false

  constructor (init: OperatorInit) {
    this.init = init
    this.listen()
  }

  /** Whether nothing more is waited for, as far as a proposal is known */
  get hasEnded (): boolean {
    return this.proposalId == null || this.ended
  }

  /** Is to be called once the service is in its scope */
  async begin (): Promise<void> {
    const { world, member: { number }, isFirst } = this.init

    if (!isFirst) {
      await this.lookUp()
    }

    if (number === world.plan.proposer && isFirst) {
      world.time.at(world.begin + world.plan.proposedAt, () => { void this.propose() })
    }

    this.poll()
  }

  /** Asks how the proposal stands, as far as it is known here */
  async look (via: string): Promise<void> {
    const { world, observations } = this.init

    if (this.proposalId != null && this.init.isRunning()) {
      const before = observations.shown.length
      const state = await this.init.service.get(world.policy.name, this.proposalId)

      // an answer that was read before an event, and comes after it, says how the proposal stood before
      if (observations.shown.length === before) {
        observations.onShown(elapsed(world), via, state)
      }

      // a process that ends while it takes in a vote tells no event of it, but the next one knows
      observations.onNamed(elapsed(world), via, doubleVotersIn(state))
    }
  }

  private listen (): void {
    const { service, world, observations, member: { number } } = this.init
    const isHonest = (other: number): boolean => world.plan.members.some(member => member.number === other)

    service.addEventListener('voting:proposal', ({ detail }) => {
      const { deadline, ...proposal } = detail

      this.init.onProposal({ ...proposal, expirationTimestamp: deadline })
      this.onProposal(detail.proposalId)
    })
    service.addEventListener('voting:vote', ({ detail: { vote } }) => { observations.onVote(vote.voteOwner, vote.vote) })

    for (const type of ['voting:decided', 'voting:failed', 'voting:conflict'] as const) {
      service.addEventListener(type, ({ detail }: CustomEvent<Decision & { culprits?: Uint8Array[] }>) => {
        observations.onShown(elapsed(world), type, detail)
        world.tell(`${nameOf(number)} ${describe(type, detail)}, knowing ${describeVotes(observations)}`)

        if (detail.culprits != null) {
          observations.onNamed(elapsed(world), type, detail.culprits, true)
        }
      })
    }

    service.addEventListener('voting:evidence', ({ detail: { owner } }) => { observations.onNamed(elapsed(world), 'voting:evidence', [owner]) })
    service.addEventListener('voting:fault', ({ detail: { peer, reason } }) => {
      // a peer that a partition keeps from answering is found to stall
      if (isHonest(numberOfPeer(peer)) && !/nothing for|hung up/.test(reason)) {
        observations.wronged.push(`${nameOf(number)} has found ${nameOf(numberOfPeer(peer))} at fault: it ${reason}`)
      }
    })
  }

  private async propose (): Promise<void> {
    const { world, observations } = this.init
    const { livenessCriteriaYes, lifetimeSeconds } = world.plan.terms

    if (this.init.isRunning()) {
      world.tell(`${nameOf(this.init.member.number)} proposes`)
      await this.init.service.propose(world.policy.name, { name: 'Is it so?', livenessCriteriaYes, timeoutSeconds: lifetimeSeconds }).catch(err => {
        observations.errors.push(`${nameOf(this.init.member.number)} could not propose: ${err.message}`)
      })
    }
  }

  /** What was there before the process started */
  private async lookUp (): Promise<void> {
    const { world, observations } = this.init

    for await (const { proposalId } of this.init.service.list(world.policy.name)) {
      const { votes } = await this.init.service.get(world.policy.name, proposalId)

      votes.forEach(({ owner, choice }) => { observations.onVote(owner, choice) })
      this.onProposal(proposalId)
      await this.look('get after a restart')
    }
  }

  private onProposal (proposalId: number): void {
    const { world, member } = this.init

    this.proposalId = proposalId

    if (member.choice != null) {
      world.time.at(Math.max(world.time.now + 1, world.begin + member.votesAt), () => { void this.vote(proposalId) })
    }

    void this.waitFor(proposalId)
  }

  /** Whoever operates a node that has been started again wants the opposite of what it wanted before */
  private async vote (proposalId: number): Promise<void> {
    const { world, member, isFirst, observations } = this.init
    const choice = member.choice === isFirst

    if (!this.init.isRunning()) {
      return
    }

    try {
      await this.init.service.vote(world.policy.name, proposalId, choice)
      world.tell(`${nameOf(this.init.member.number)} votes ${yesOrNo(choice)}`)
    } catch (err: any) {
      if (err.name === 'NotSyncedError') {
        world.time.after(RETRY_INTERVAL, () => { void this.vote(proposalId) })
      } else if (!REFUSALS.has(err.name)) {
        observations.errors.push(`${nameOf(this.init.member.number)} could not vote: ${err.stack}`)
      }
    }
  }

  private async waitFor (proposalId: number): Promise<void> {
    const { world, observations } = this.init

    try {
      const decision = await this.init.service.decision(world.policy.name, proposalId)

      observations.onShown(elapsed(world), 'decision', decision)
      this.ended = true
    } catch (err: any) {
      if (err.name !== 'NotStartedError') {
        throw err
      }
    }
  }

  private poll (): void {
    this.init.world.time.after(POLL_INTERVAL, () => {
      if (this.init.isRunning()) {
        void this.look('get')
        this.poll()
      }
    })
  }
}

function doubleVotersIn ({ votes }: ProposalState): Uint8Array[] {
  const yes = votes.filter(({ choice }) => choice)
  const no = votes.filter(({ choice }) => !choice)

  return yes.map(({ owner }) => owner).filter(owner => no.some(other => equals(other.owner, owner)))
}

function describe (type: string, { state, result }: Decision): string {
  const outcome = result === true ? 'yes' : 'no'

  switch (type) {
    case 'voting:decided': return `decides ${outcome}`
    case 'voting:failed': return 'decides nothing: the proposal has failed'
    default: return state === 'reached' ? `sees its result contradicted, ${outcome}` : 'sees two opposite quorums'
  }
}

function describeVotes ({ yes, no }: Observations): string {
  const list = (numbers: Set<number>): string => numbers.size === 0 ? 'none' : namesOf(numbers)

  return `yes of ${list(yes)} and no of ${list(no)}`
}
