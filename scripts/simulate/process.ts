/**
 * One process of an honest node, from its start to its end: the real service, on simulated time, network and disk.
 */

import { MemoryVoteLock } from '../../src/consensus/index.ts'
import { VotingService } from '../../src/network/service.ts'
import { Random } from '../fuzz/random.ts'
import { silentLogger } from './logger.ts'
import { Operator } from './operator.ts'
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
import type { VotingComponents } from '../../src/index.ts'
import type { Connection, PeerId, Stream, StreamHandler } from '@libp2p/interface'

/** libp2p's limit for a protocol, as the service asks for it */
const MAX_INBOUND_STREAMS = 2

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
  private handler?: StreamHandler
  /** These are there once it has read its disk */
  private service?: VotingService
  private operator?: Operator

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
    return this.operator?.hasEnded !== false
  }

  async start (): Promise<void> {
    const { world, member, disk } = this.init
    const { plan, network } = world
    const isRunning = (): boolean => this.isRunning

    const storage = await SimulatedStorage.open(disk, isRunning)

    if (!this.isRunning) {
      return
    }

    const service = new VotingService(this.components(), {
      scheme: macScheme,
      signer: member.isVoter ? this.signer() : undefined,
      storage,
      voteLock: plan.sabotage === 'vote-lock' ? new MemoryVoteLock() : new SimulatedVoteLock(disk, isRunning),
      clock: () => clockOf(world, member.clock),
      monotonic: () => elapsed(world)
    })
    this.service = service
    this.operator = new Operator({ ...this.init, service, isRunning })
    network.up(this)
    await service.start()
    await service.afterStart()

    if (disk.policies.size === 0) {
      await service.join(world.policy)
    }

    await this.operator.begin()
  }

  /** Asks how the proposal stands, as far as it is known here */
  async look (via: string): Promise<void> {
    await this.operator?.look(via)
  }

  /** Ends it as a loss of power does, at once and for good */
  kill (): number {
    const { world: { network, plan }, disk, member } = this.init

    network.down(this)
    this.isRunning = false
    // whatever goes on in it waits for the disk for ever; this clears the timers
    void this.service?.stop()

    return disk.fail(new Random(plan.seed ^ Math.imul(member.number + 1, elapsed(this.init.world))))
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
}
