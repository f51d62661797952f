/**
 * One process of an honest node, from its start to its end: the real service, on simulated time, network and disk.
 */

import { MemoryVoteLock } from '../../src/consensus/index.ts'
import { VotingService } from '../../src/network/voting.ts'
import { Random } from '../fuzz/random.ts'
import { silentLogger } from './logger.ts'
import { numberOfPeer, peerIdOf } from './peer-ids.ts'
import { SimulatedPubSub } from './pubsub.ts'
import { macScheme, signerOf } from './scheme.ts'
import { SimulatedStorage, SimulatedVoteLock, never } from './storage.ts'
import { SimulatedStream } from './stream.ts'
import { clockOf, elapsed, nameOf } from './world.ts'
import type { Endpoint, GossipMessage } from './network.ts'
import type { Observations } from './observations.ts'
import type { Member } from './plan.ts'
import type { Disk } from './storage.ts'
import type { World } from './world.ts'
import type { ConsensusSigner, ProposalHead } from '../../src/consensus/index.ts'
import type { Decision, VotingComponents } from '../../src/index.ts'
import type { Connection, PeerId, Stream, StreamHandler } from '@libp2p/interface'

/** libp2p's limit for a protocol, as the service asks for it */
const MAX_INBOUND_STREAMS = 2

/** How often somebody asks how things stand, milliseconds */
const POLL_INTERVAL = 8_000

/** How long an operator waits who was told that no other could be asked yet, milliseconds */
const RETRY_INTERVAL = 2_000

/** What an operator may be told who wants to vote */
const REFUSALS = new Set(['UserAlreadyVotedError', 'ProposalExpiredError', 'NotStartedError', 'ScopeNotJoinedError'])

export interface ProcessInit {
  world: World
  member: Member
  disk: Disk
  observations: Observations
  /** Whether it is the first of its node */
  isFirst: boolean
  /** Is told of each proposal that becomes known */
  onProposal (proposal: ProposalHead): void
}

export class Process implements Endpoint {
  readonly number: number
  isRunning = true
  private readonly init: ProcessInit
  private readonly pubsub: SimulatedPubSub
  private readonly streams = new Set<{ peer: number, stream: SimulatedStream, isInbound: boolean }>()
  /** There once it has read its disk */
  private service!: VotingService
  private handler?: StreamHandler
  private proposalId?: number
  private ended = false

  constructor (init: ProcessInit) {
    const { world: { network, plan }, member, observations } = init

    this.init = init
    this.number = member.number
    this.pubsub = new SimulatedPubSub({
      number: member.number,
      network,
      signing: plan.network.gossipSigning,
      isRunning: () => this.isRunning,
      onReject: from => {
        if (plan.members.some(({ number }) => number === from)) {
          observations.wronged.push(`${nameOf(member.number)} has rejected a message that ${nameOf(from)} passed on`)
        }
      }
    })
  }

  /** Whether it waits for no result, as far as it knows of a proposal */
  get hasEnded (): boolean {
    return this.proposalId == null || this.ended
  }

  async start (): Promise<void> {
    const { world, member, disk, isFirst } = this.init
    const { plan, network } = world
    const isRunning = (): boolean => this.isRunning

    const storage = await SimulatedStorage.open(disk, isRunning)

    if (!this.isRunning) {
      return
    }

    this.service = new VotingService(this.components(), {
      scheme: macScheme,
      signer: member.isVoter ? this.signer() : undefined,
      storage,
      voteLock: plan.sabotage === 'vote-lock' ? new MemoryVoteLock() : new SimulatedVoteLock(disk, isRunning),
      clock: () => clockOf(world, member.clock)
    })
    this.listen()
    network.up(this)
    await this.service.start()
    await this.service.afterStart()

    if (disk.policies.size === 0) {
      await this.service.join(world.policy)
    }

    if (!isFirst) {
      await this.lookUp()
    }

    if (member.number === plan.proposer && isFirst) {
      world.time.at(world.begin + plan.proposedAt, () => { void this.propose() })
    }

    this.poll()
  }

  /** Ends it as a loss of power does, at once and for good */
  kill (): number {
    const { world: { network, plan }, disk, member } = this.init

    network.down(this)
    this.isRunning = false
    // whatever goes on in it waits for the disk for ever; this clears the timers
    void (this.service as VotingService | undefined)?.stop()

    return disk.fail(new Random(plan.seed ^ Math.imul(member.number + 1, elapsed(this.init.world))))
  }

  /** Asks how the proposal stands, as far as it is known here */
  async look (via: string): Promise<void> {
    const { world, observations } = this.init

    if (this.proposalId != null && this.isRunning) {
      const state = await this.service.get(world.policy.name, this.proposalId)

      observations.onShown(elapsed(world), via, state)
    }
  }

  onConnected (other: number): void {
    this.pubsub.onConnected(other)
  }

  onDisconnected (other: number): void {
    this.pubsub.onDisconnected(other)

    for (const { peer, stream } of this.streams) {
      if (peer === other) {
        stream.cutOff()
      }
    }
  }

  onSubscriptions (from: number, topics: string[], subscribe: boolean): void {
    this.pubsub.onSubscriptions(from, topics, subscribe)
  }

  onMessage (from: number, message: GossipMessage, isRepeated: boolean): void {
    void this.pubsub.onMessage(from, message, isRepeated)
  }

  onStream (from: number, stream: SimulatedStream): void {
    const inbound = [...this.streams].filter(({ peer, isInbound }) => peer === from && isInbound)

    if (this.handler == null || inbound.length >= MAX_INBOUND_STREAMS) {
      stream.abort(new Error('no such protocol, or too many streams'))
      return
    }

    this.track(from, stream, true)
    void this.handler(stream, { remotePeer: peerIdOf(from) } as unknown as Connection)
  }

  private components (): VotingComponents {
    const { world: { network }, member: { number } } = this.init

    return {
      peerId: peerIdOf(number),
      pubsub: this.pubsub,
      logger: silentLogger,
      registrar: {
        handle: async (_, handler) => { this.handler = handler },
        unhandle: async () => { this.handler = undefined }
      },
      connectionManager: {
        getConnections: peer => network.isConnected(number, numberOfPeer(peer)) ? [{} as unknown as Connection] : [],
        openStream: async (peer: PeerId): Promise<Stream> => this.openStream(numberOfPeer(peer))
      }
    }
  }

  private openStream (to: number): Stream {
    const { world: { network } } = this.init

    if (!this.isRunning || !network.isConnected(this.number, to)) {
      throw new Error('there is no connection')
    }

    const [outbound, inbound] = SimulatedStream.pair(network, this.number, to)

    this.track(to, outbound, false)
    network.sendInOrder(this.number, to, () => { network.endpoint(to)?.onStream(this.number, inbound) })

    return outbound
  }

  private track (peer: number, stream: SimulatedStream, isInbound: boolean): void {
    const tracked = { peer, stream, isInbound }

    this.streams.add(tracked)
    stream.addEventListener('close', () => { this.streams.delete(tracked) })
  }

  /** A signer that takes its time, and that is asked no more when the power is off */
  private signer (): ConsensusSigner {
    const { world: { time }, member, disk, observations } = this.init
    const signer = signerOf(member.number)

    return {
      identity: signer.identity,
      sign: async payload => {
        await time.wait(disk.syncTime())

        if (!this.isRunning) {
          return never()
        }

        observations.onSigned(payload)

        return signer.sign(payload)
      }
    }
  }

  private listen (): void {
    const { service, number, init: { world, observations } } = this
    const isHonest = (other: number): boolean => world.plan.members.some(member => member.number === other)

    service.addEventListener('voting:proposal', ({ detail }) => {
      const { deadline, ...proposal } = detail

      this.init.onProposal({ ...proposal, expirationTimestamp: deadline })
      this.onProposal(detail.proposalId)
    })
    service.addEventListener('voting:vote', ({ detail: { vote } }) => { observations.onVote(vote.voteOwner, vote.vote) })

    for (const type of ['voting:decided', 'voting:failed', 'voting:confirmed', 'voting:conflict'] as const) {
      service.addEventListener(type, ({ detail }: CustomEvent<Decision & { culprits?: Uint8Array[] }>) => {
        observations.onShown(elapsed(world), type, detail)
        world.tell(`${nameOf(number)} ${describe(type, detail)}, knowing ${describeVotes(observations)}`)

        if (detail.culprits != null) {
          // a result that rests on silence is contradicted by one quorum, with which it need not have a voter in common
          observations.onNamed(elapsed(world), type, detail.culprits, detail.grade !== 'timeout')
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

    if (this.isRunning) {
      world.tell(`${nameOf(this.number)} proposes`)
      await this.service.propose(world.policy.name, { name: 'Is it so?', livenessCriteriaYes, timeoutSeconds: lifetimeSeconds }).catch(err => {
        observations.errors.push(`${nameOf(this.number)} could not propose: ${err.message}`)
      })
    }
  }

  /** What was there before the process started */
  private async lookUp (): Promise<void> {
    const { world, observations } = this.init

    for await (const { proposalId } of this.service.list(world.policy.name)) {
      const { votes } = await this.service.get(world.policy.name, proposalId)

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

    if (!this.isRunning) {
      return
    }

    try {
      await this.service.vote(world.policy.name, proposalId, choice)
      world.tell(`${nameOf(this.number)} votes ${choice ? 'yes' : 'no'}`)
    } catch (err: any) {
      if (err.name === 'NotSyncedError') {
        world.time.after(RETRY_INTERVAL, () => { void this.vote(proposalId) })
      } else if (!REFUSALS.has(err.name)) {
        observations.errors.push(`${nameOf(this.number)} could not vote: ${err.stack}`)
      }
    }
  }

  private async waitFor (proposalId: number): Promise<void> {
    const { world, observations } = this.init

    try {
      const decision = await this.service.decision(world.policy.name, proposalId)

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
      if (this.isRunning) {
        void this.look('get')
        this.poll()
      }
    })
  }
}

function describe (type: string, { state, result, grade }: Decision): string {
  const outcome = `${result === true ? 'yes' : 'no'}${grade == null ? '' : ` by ${grade}`}`

  switch (type) {
    case 'voting:decided': return `decides ${outcome}`
    case 'voting:confirmed': return `confirms ${outcome}`
    case 'voting:failed': return 'decides nothing: the proposal has failed'
    default: return state === 'reached' ? `sees its result contradicted, ${outcome}` : 'sees two opposite quorums'
  }
}

function describeVotes ({ yes, no }: Observations): string {
  const list = (numbers: Set<number>): string => numbers.size === 0 ? 'none' : [...numbers].sort((a, b) => a - b).map(nameOf).join(', ')

  return `yes of ${list(yes)} and no of ${list(no)}`
}
