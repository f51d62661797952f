/**
 * What it costs where only the libraries can do better, see docs/upstream.md: each as it is and as it could be.
 */

import crypto from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { LengthPrefixedDecoder } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import pWaitFor from 'p-wait-for'
import { gathering } from '../../src/node/libp2p/gathering.ts'
import { inTurn } from './turns.ts'
import { median } from './votes.ts'
import type { Libp2p, StreamMuxerFactory } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Pairs of runs: each ratio is their median. The compiler has its time in those before. */
const PAIRS = 11
const WARM_UP = 3

const FRAMES = 2_000

/** Bytes: as long as a frame of gossipsub with a vote */
const FRAME_LENGTH = 220

/** Frames that are written in one turn of the event loop */
const BURST = 200

const PROTOCOL = '/bench/1.0.0'

export interface Comparison {
  ms: number
  changedMs: number
  ratio: number
}

export interface UpstreamFigures {
  decoder: Comparison
  keys: Comparison
  writes: Comparison
  /** Window updates that answer {@link FRAMES} frames */
  updates: number
  /** Calls of a handler for ten streams of a protocol that has a middleware */
  calls: number
}

export async function upstream (say: (line: string) => void): Promise<UpstreamFigures> {
  const figures = { decoder: await decoder(), keys: await keys(), writes: await writes(), updates: await updates(), calls: await calls() }

  for (const [what, { ms, changedMs, ratio }] of Object.entries({
    'Decoder of frames, with the error it makes after each chunk and with one error for all': figures.decoder,
    'Ed25519 signatures verified by @libp2p/crypto, and with one key object for all': figures.keys,
    'Frames written by yamux one by one, and gathered': figures.writes
  })) {
    say(`${what}: ${ms.toFixed(1)} ms, ${changedMs.toFixed(1)} ms, ratio ${ratio.toFixed(2)} (${FRAMES} each, median of ${PAIRS} pairs)`)
  }

  say(`Window updates of yamux for ${FRAMES} frames: ${figures.updates}`)
  say(`Calls of the handler for 10 streams of a protocol with a middleware: ${figures.calls}`)

  return figures
}

async function compare (asIs: () => Promise<void>, changed: () => Promise<void>): Promise<Comparison> {
  const pairs: Array<[number, number]> = []

  for (let index = 0; index < WARM_UP + PAIRS; index++) {
    const pair: [number, number] = [0, 0]

    await inTurn(index, [asIs, changed].map((task, which) => async () => {
      const begin = performance.now()

      await task()
      pair[which] = performance.now() - begin
    }))
    pairs.push(pair)
  }

  const counted = pairs.slice(WARM_UP)

  return {
    ms: median(counted.map(([ms]) => ms)),
    changedMs: median(counted.map(([, changedMs]) => changedMs)),
    ratio: median(counted.map(([ms, changedMs]) => ms / changedMs))
  }
}

async function decoder (): Promise<Comparison> {
  const frame = Uint8Array.from([0, FRAME_LENGTH, ...new Uint8Array(FRAME_LENGTH)])
  const incomplete = new RangeError('incomplete')
  const reader = (errorOf: () => Error) => async () => {
    const decoder = new LengthPrefixedDecoder({
      encodingLength: () => 2,
      lengthDecoder: (data: Uint8Array | Uint8ArrayList) => {
        if (data.byteLength < 2) {
          throw errorOf()
        }

        const [high, low] = data.subarray(0, 2)

        return 256 * high + low
      }
    })

    for (let count = 0; count < FRAMES; count++) {
      Array.from(decoder.decode(frame))
    }
  }

  return compare(reader(() => new RangeError('incomplete')), reader(() => incomplete))
}

async function keys (): Promise<Comparison> {
  const key = await generateKeyPair('Ed25519')
  const message = new Uint8Array(FRAME_LENGTH)
  const signature = await key.sign(message)
  const x = Buffer.from(key.publicKey.raw).toString('base64url')
  const keyObject = crypto.createPublicKey({ format: 'jwk', key: { crv: 'Ed25519', kty: 'OKP', x } })

  return compare(
    async () => {
      for (let count = 0; count < FRAMES; count++) {
        await key.publicKey.verify(message, signature)
      }
    },
    async () => {
      for (let count = 0; count < FRAMES; count++) {
        crypto.verify(null, message, keyObject, signature)
      }
    }
  )
}

async function writes (): Promise<Comparison> {
  return withSender(yamux(), async asIs => withSender(gathering(yamux()), async changed => compare(asIs, changed)))
}

async function updates (): Promise<number> {
  let messages = 0

  await withSender(() => {
    const factory = yamux()()

    return {
      protocol: factory.protocol,
      createStreamMuxer: connection => {
        connection.addEventListener('message', () => {
          // the receiver is in this process, too
          messages += connection.direction === 'outbound' ? 1 : 0
        })

        return factory.createStreamMuxer(connection)
      }
    }
  }, async send => {
    messages = 0
    await send()
  })

  return messages
}

async function calls (): Promise<number> {
  const called: unknown[] = []

  await withHosts(yamux(), async (sender, receiver) => {
    await receiver.handle(PROTOCOL, stream => { called.push(stream) })
    receiver.use(PROTOCOL, (stream, connection, next) => { next(stream, connection) })

    for (let count = 0; count < 10; count++) {
      const before = called.length
      const stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL)

      await pWaitFor(() => called.length > before)
      await stream.close()
    }
  })

  return called.length
}

/** Runs the task with a function that sends all frames on one stream, a burst a turn, and resolves when they have arrived */
async function withSender <T> (muxer: () => StreamMuxerFactory, task: (send: () => Promise<void>) => Promise<T>): Promise<T> {
  return withHosts(muxer, async (sender, receiver) => {
    let missing = 0
    let done = (): void => {}

    await receiver.handle(PROTOCOL, stream => {
      stream.addEventListener('message', ({ data }) => {
        missing -= data.byteLength

        if (missing === 0) {
          done()
        }
      })
    })

    const stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL)

    return task(async () => {
      const { promise, resolve } = Promise.withResolvers<void>()

      missing = FRAMES * FRAME_LENGTH
      done = resolve

      for (let count = 1; count <= FRAMES; count++) {
        if (!stream.send(new Uint8Array(FRAME_LENGTH))) {
          await stream.onDrain()
        }

        if (count % BURST === 0) {
          await new Promise(resolve => { setImmediate(resolve) })
        }
      }

      await promise
    })
  })
}

async function withHosts <T> (muxer: () => StreamMuxerFactory, task: (sender: Libp2p, receiver: Libp2p) => Promise<T>): Promise<T> {
  const hosts = await Promise.all([0, 1].map(async () => createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer]
  })))

  try {
    return await task(hosts[0], hosts[1])
  } finally {
    await Promise.all(hosts.map(async host => host.stop()))
  }
}
