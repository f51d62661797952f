/**
 * Watches how much each peer sends. Gossipsub and libp2p check messages and streams one by one, so a peer that sends what is free
 * could go on without end. What no honest peer does is a fault, or gets the peer banned. The validator bounds ignored messages itself,
 * since an honest peer may send them, too.
 *
 * The guard sees what libp2p hands out: the registrar that gossipsub registers with, the connections after encryption, and the streams
 * of their muxers. `libp2p.use` would be shorter, but runs the handlers of all earlier streams again, see docs/upstream.md.
 */

import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { LengthPrefixedDecoder, RateLimiter } from '@libp2p/utils'
import { TypedEventEmitter } from 'main-event'
import { decode as decodeLength } from 'uint8-varint'
import { FAULT_POINTS, FLOOD_LIMITS, FLOOD_WINDOW_SECONDS, MAX_FRAME_LENGTH, RPC_LIMITS } from './settings.ts'
import type { Bans } from './bans.ts'
import type { GossipSubComponents } from '@chainsafe/libp2p-gossipsub'
import type { NoiseExtensions } from '@chainsafe/libp2p-noise'
import type { AbortOptions, Connection, ConnectionEncrypter, CreateStreamOptions, MessageStream, PeerId, SecuredConnection, Stream, StreamMessageEvent, StreamMuxer, StreamMuxerEvents, StreamMuxerFactory, StreamMuxerStatus } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** A length before a frame has at most 8 bytes: gossipsub ends the stream of a peer that sends more */
const MAX_PREFIX_LENGTH = 8

/** Tells the decoder that the length of the next frame is not there yet. One for all, since making an error takes long. */
const INCOMPLETE = new RangeError('The length of a frame is incomplete')

type Registrar = GossipSubComponents['registrar']
type Encrypter = ConnectionEncrypter<NoiseExtensions>

export class FloodGuard {
  private readonly bans: Bans
  private readonly subscriptions = newLimiter(FLOOD_LIMITS.subscriptions)
  private readonly streams = newLimiter(FLOOD_LIMITS.streams)
  /** Encrypted connection → the peer that has proven its id on it */
  private readonly peers = new WeakMap<MessageStream, PeerId>()

  constructor (bans: Bans) {
    this.bans = bans
  }

  /** Returns a registrar for gossipsub: the guard sees each stream that a peer opens before gossipsub does */
  registrar (registrar: Registrar): Registrar {
    return {
      getProtocols: () => registrar.getProtocols(),
      handle: async (protocol, handler, options) => registrar.handle(protocol, (stream, connection) => {
        this.watchFrames(stream, connection)

        return handler(stream, connection)
      }, options),
      unhandle: async (protocol, options) => registrar.unhandle(protocol, options),
      getHandler: protocol => registrar.getHandler(protocol),
      use: (protocol, middleware) => { registrar.use(protocol, middleware) },
      unuse: protocol => { registrar.unuse(protocol) },
      getMiddleware: protocol => registrar.getMiddleware(protocol),
      register: async (protocol, topology, options) => registrar.register(protocol, topology, options),
      unregister: id => { registrar.unregister(id) },
      getTopologies: protocol => registrar.getTopologies(protocol)
    }
  }

  /** Returns an encrypter that notes the peer at the other end of each connection */
  encrypter <C> (create: (components: C) => Encrypter): (components: C) => Encrypter {
    return components => {
      const encrypter = create(components)
      const noted = (secured: SecuredConnection<NoiseExtensions>): SecuredConnection<NoiseExtensions> => {
        this.peers.set(secured.connection, secured.remotePeer)

        return secured
      }

      return {
        protocol: encrypter.protocol,
        secureInbound: async (...args) => noted(await encrypter.secureInbound(...args)),
        secureOutbound: async (...args) => noted(await encrypter.secureOutbound(...args))
      }
    }
  }

  /** Returns a factory of muxers whose incoming streams the guard counts, also those that libp2p refuses */
  muxer <C> (create: (components: C) => StreamMuxerFactory): (components: C) => StreamMuxerFactory {
    return components => {
      const factory = create(components)

      return {
        protocol: factory.protocol,
        createStreamMuxer: connection => new CountedMuxer(factory.createStreamMuxer(connection), () => {
          const peerId = this.peers.get(connection)

          if (peerId != null) {
            this.spend(this.streams, peerId, 1, 'opens streams without end')
          }
        })
      }
    }
  }

  private watchFrames (stream: Stream, connection: Connection): void {
    const frames = new LengthPrefixedDecoder({ maxDataLength: MAX_FRAME_LENGTH, maxBufferSize: Infinity, lengthDecoder })
    const onMessage = ({ data }: StreamMessageEvent): void => {
      try {
        for (const frame of frames.decode(data)) {
          this.watchFrame(connection.remotePeer, frame)
        }
      } catch {
        // gossipsub cannot read on either
        onEnd(true)
      }
    }
    const onEnd = (isFault = false): void => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('remoteCloseWrite', onClose)
      stream.removeEventListener('close', onClose)
      this.bans.onPubSubEnded(connection, isFault)
    }
    const onClose = (): void => { onEnd() }

    stream.addEventListener('message', onMessage)
    stream.addEventListener('remoteCloseWrite', onClose)
    stream.addEventListener('close', onClose)
  }

  private watchFrame (peerId: PeerId, frame: Uint8ArrayList): void {
    try {
      const { subscriptions } = RPC.decode(frame.subarray(), { limits: RPC_LIMITS })

      this.spend(this.subscriptions, peerId, subscriptions.length, 'changes its subscriptions without end')
    } catch {
      this.bans.addFault(peerId, FAULT_POINTS.brokenFrame)
    }
  }

  private spend (limiter: RateLimiter, peerId: PeerId, count: number, fault: string): void {
    if (count === 0 || this.bans.has(peerId)) {
      return
    }

    try {
      limiter.consume(`${peerId}`, count)
    } catch {
      this.bans.ban(peerId, `it ${fault}`)
    }
  }
}

/** A muxer that calls back for each stream that the other side opens */
class CountedMuxer extends TypedEventEmitter<StreamMuxerEvents> implements StreamMuxer {
  private readonly muxer: StreamMuxer
  private readonly onStream: (event: StreamMuxerEvents['stream']) => void
  private isForwarding = false

  constructor (muxer: StreamMuxer, onStream: () => void) {
    super()
    this.muxer = muxer
    this.onStream = ({ detail }) => {
      onStream()
      this.safeDispatchEvent('stream', { detail })
    }
  }

  get protocol (): string {
    return this.muxer.protocol
  }

  get streams (): Stream[] {
    return this.muxer.streams
  }

  get status (): StreamMuxerStatus {
    return this.muxer.status
  }

  /** A muxer keeps streams back until somebody listens, so it gets its listener no sooner */
  override addEventListener (...args: Parameters<StreamMuxer['addEventListener']>): void {
    super.addEventListener(...args)

    if (!this.isForwarding) {
      this.isForwarding = true
      this.muxer.addEventListener('stream', this.onStream)
    }
  }

  async createStream (options?: CreateStreamOptions): Promise<Stream> {
    return this.muxer.createStream(options)
  }

  abort (err: Error): void {
    this.muxer.abort(err)
  }

  async close (options?: AbortOptions): Promise<void> {
    await this.muxer.close(options)
  }
}

function newLimiter (points: number): RateLimiter {
  return new RateLimiter({ points, duration: FLOOD_WINDOW_SECONDS })
}

function lengthDecoder (data: Uint8Array | Uint8ArrayList): number {
  if (data.byteLength === 0) {
    throw INCOMPLETE
  }

  try {
    return decodeLength(data)
  } catch (err) {
    throw data.byteLength > MAX_PREFIX_LENGTH ? new Error('The length of a frame is too long', { cause: err }) : err
  }
}
