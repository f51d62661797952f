/**
 * Looks at how much each peer sends. Gossipsub and libp2p validate messages and streams one by one, so whoever sends what costs
 * nothing by itself may go on without end. What no honest peer does is a fault, or gets the peer cut off. Messages that are
 * ignored are bounded by the validator, since an honest peer may send them, too.
 */

import { RateLimiter } from '@libp2p/utils'
import { FAULT_POINTS, FLOOD_LIMITS, FLOOD_WINDOW_SECONDS } from './settings.ts'
import type { Bans } from './bans.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Connection, PeerId, Stream, StreamMuxer } from '@libp2p/interface'

/** How a frame ends that is longer than gossipsub takes, or has no length. A stream that was reset ends otherwise. */
const FRAME_ERRORS = new Set(['InvalidDataLengthError', 'InvalidDataLengthLengthError', 'InvalidMessageLengthError'])

/** The parts of gossipsub that see all of what a peer sends */
interface WatchedPubSub {
  onIncomingStream (stream: Stream, connection: Connection): void
  pipePeerReadStream (peerId: PeerId, frames: AsyncIterable<unknown>): Promise<void>
  handleReceivedRpc (from: PeerId, rpc: { subscriptions?: unknown[] }): Promise<void>
}

export class FloodGuard {
  private readonly bans: Bans
  private readonly subscriptions = newLimiter(FLOOD_LIMITS.subscriptions)
  private readonly streams = newLimiter(FLOOD_LIMITS.streams)
  /** Peer id → frames that gossipsub could read */
  private readonly readable = new Map<string, number>()
  /** The connection of the pubsub stream that is being taken */
  private incoming?: Connection

  constructor (bans: Bans) {
    this.bans = bans
  }

  /** Watches what comes by pubsub. Is to be called before it starts. */
  watchPubSub (gossipsub: GossipSub): void {
    const pubsub = gossipsub as unknown as WatchedPubSub
    const onIncomingStream = pubsub.onIncomingStream.bind(pubsub)
    const pipePeerReadStream = pubsub.pipePeerReadStream.bind(pubsub)
    const handleReceivedRpc = pubsub.handleReceivedRpc.bind(pubsub)

    pubsub.onIncomingStream = (stream, connection) => {
      // it begins to read the stream in this call
      this.incoming = connection
      onIncomingStream(stream, connection)
      this.incoming = undefined
    }
    pubsub.pipePeerReadStream = async (peerId, frames) => pipePeerReadStream(peerId, this.watchFrames(peerId, frames, this.incoming))
    pubsub.handleReceivedRpc = async (from, rpc) => {
      this.readable.set(`${from}`, (this.readable.get(`${from}`) ?? 0) + 1)

      if (this.isWithinRate(this.subscriptions, from, rpc.subscriptions?.length ?? 0, 'changes its subscriptions without end')) {
        await handleReceivedRpc(from, rpc)
      }
    }
  }

  /** Watches which streams the other side opens */
  watchConnection (connection: Connection): void {
    // libp2p tells nobody of streams that it refuses, since there are too many or their protocol is not known
    const { muxer } = connection as Connection & { muxer?: StreamMuxer }

    muxer?.addEventListener('stream', () => {
      this.isWithinRate(this.streams, connection.remotePeer, 1, 'opens streams without end')
    })
  }

  private async * watchFrames (peerId: PeerId, frames: AsyncIterable<unknown>, connection?: Connection): AsyncGenerator<unknown> {
    const key = `${peerId}`
    let isFault = false

    try {
      for await (const frame of frames) {
        const before = this.readable.get(key)

        yield frame

        if (this.readable.get(key) === before) {
          this.bans.addFault(peerId, FAULT_POINTS.brokenFrame)
        }

        // what it had sent until it was cut off
        if (this.bans.has(peerId)) {
          return
        }
      }
    } catch (err: any) {
      isFault = FRAME_ERRORS.has(err.name)
      throw err
    } finally {
      this.readable.delete(key)

      if (connection != null) {
        this.bans.onPubSubEnded(connection, isFault)
      }
    }
  }

  private isWithinRate (limiter: RateLimiter, peerId: PeerId, count: number, fault: string): boolean {
    if (count === 0) {
      return true
    }

    if (this.bans.has(peerId)) {
      return false
    }

    try {
      limiter.consume(`${peerId}`, count)

      return true
    } catch {
      this.bans.ban(peerId, `it ${fault}`)

      return false
    }
  }
}

function newLimiter (points: number): RateLimiter {
  return new RateLimiter({ points, duration: FLOOD_WINDOW_SECONDS })
}
