/**
 * A libp2p node that speaks the sync protocol by hand, and lies.
 */

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { SYNC_PROTOCOL } from '../../src/network/sync/constants.ts'
import { GossipSigning, SyncRequest, SyncResponse, SyncStatus } from '../../src/pb/sync.ts'
import type { TestNode } from './nodes.ts'
import type { Scope } from '../../src/index.ts'
import type { Libp2p, Stream } from '@libp2p/interface'

/** What a liar answers: part of a response, bytes as they are, hanging up, or nothing at all */
export type Lie = Partial<SyncResponse> | Uint8Array | 'hang up' | 'say nothing'

const OK = { status: SyncStatus.OK, more: false }

export class Liar {
  readonly libp2p: Libp2p
  /** How many syncs it was asked for */
  asked = 0

  private constructor (libp2p: Libp2p) {
    this.libp2p = libp2p
  }

  static async create (): Promise<Liar> {
    return new Liar(await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() }
    }))
  }

  async stop (): Promise<void> {
    await this.libp2p.stop()
  }

  /** Answers what `lie` says, and with a hello where it says nothing */
  async answer (scope: Pick<Scope, 'name' | 'digest'>, lie: (request: SyncRequest) => Lie | undefined | Promise<Lie | undefined>): Promise<void> {
    await this.libp2p.handle(SYNC_PROTOCOL, async stream => {
      this.asked++

      try {
        await this.serve(stream, scope, lie)
      } catch (err: any) {
        // the other side has hung up
        stream.abort(err)
      }
    }, { force: true })
  }

  private async serve (stream: Stream, scope: Pick<Scope, 'name' | 'digest'>, lie: (request: SyncRequest) => Lie | undefined | Promise<Lie | undefined>): Promise<void> {
    const frames = lpStream(stream)

    for (;;) {
      const request = SyncRequest.decode((await frames.read()).subarray() as Uint8Array<ArrayBuffer>)
      const answer = await lie(request) ?? { hello: helloFor(scope) }

      if (answer === 'hang up') {
        stream.abort(new Error('hung up'))
        return
      }

      if (answer instanceof Uint8Array) {
        stream.send(answer)
      } else if (answer !== 'say nothing') {
        await frames.write(SyncResponse.encode({ ...OK, ...answer } as SyncResponse))
      }
    }
  }

  /** Opens a stream to a member and says hello, as an honest member would */
  async ask (node: TestNode, scope: Pick<Scope, 'name' | 'digest'>): Promise<Asking> {
    const asking = await this.open(node)

    await asking.request({ hello: helloFor(scope) })

    return asking
  }

  async open (node: { libp2p: Pick<TestNode['libp2p'], 'getMultiaddrs'> }): Promise<Asking> {
    return new Asking(await this.libp2p.dialProtocol(node.libp2p.getMultiaddrs(), SYNC_PROTOCOL))
  }
}

export class Asking {
  readonly stream: Stream
  private readonly frames

  constructor (stream: Stream) {
    this.stream = stream
    this.frames = lpStream(stream)
  }

  async request (request: Partial<SyncRequest>): Promise<SyncResponse> {
    return this.send(SyncRequest.encode(request as SyncRequest))
  }

  /** Sends the bytes of a request, and resolves with the response */
  async send (request: Uint8Array): Promise<SyncResponse> {
    await this.frames.write(request)

    return this.response()
  }

  /** What comes, asked for or not */
  async response (): Promise<SyncResponse> {
    return SyncResponse.decode((await this.frames.read()).subarray() as Uint8Array<ArrayBuffer>)
  }
}

export function helloFor ({ name, digest }: Pick<Scope, 'name' | 'digest'>): any {
  return { scope: name, digest, signing: GossipSigning.STRICT_SIGN, since: 0, root: new Uint8Array(32).fill(7) }
}
