import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { expect } from 'aegir/chai'
import { createLibp2p } from 'libp2p'
import pWaitFor from 'p-wait-for'
import { gathering } from '../../../src/node/libp2p/gathering.ts'
import type { Connection, Libp2p, Stream, StreamMuxerFactory } from '@libp2p/interface'

const PROTOCOL = '/test/1.0.0'

describe('what yamux writes to a connection', () => {
  let sender: Libp2p
  let receiver: Libp2p
  let connection: Connection
  let stream: Stream
  /** Bytes of what was encrypted in one piece, since the stream is open */
  let pieces: number[]
  /** All that has come on the stream */
  let received: number[]
  let isEnded: boolean

  beforeEach(async () => {
    pieces = []
    received = []
    isEnded = false
    sender = await createHost(gathering(yamux()))
    receiver = await createHost(() => {
      const factory = yamux()()

      return {
        protocol: factory.protocol,
        createStreamMuxer: connection => {
          connection.addEventListener('message', ({ data }) => { pieces.push(data.byteLength) })

          return factory.createStreamMuxer(connection)
        }
      }
    })

    await receiver.handle(PROTOCOL, stream => {
      stream.addEventListener('message', ({ data }) => { received.push(...data.subarray()) })
      stream.addEventListener('remoteCloseWrite', () => { isEnded = true })
    })
    connection = await sender.dial(receiver.getMultiaddrs())
    stream = await connection.newStream(PROTOCOL)
    stream.send(Uint8Array.of(0))
    await pWaitFor(() => received.length === 1, { timeout: 10_000 })
    pieces.length = 0
  })

  afterEach(async () => {
    await Promise.all([sender.stop(), receiver.stop()])
  })

  it('is written at once where it is sent in one turn of the event loop', async () => {
    const bytes = Array.from({ length: 100 }, (_, index) => index + 1)

    bytes.forEach(byte => { stream.send(Uint8Array.of(byte)) })
    await pWaitFor(() => received.length === 101, { timeout: 10_000 })

    expect(received).to.deep.equal([0, ...bytes])
    // what was sent at the end of the turn before comes by itself
    expect(pieces.length).to.be.within(1, 2)
  })

  it('does not wait for the end of the turn where there is much of it', async () => {
    const bytes = [1, 2, 3, 4]

    bytes.forEach(byte => { stream.send(new Uint8Array(30 * 1024).fill(byte)) })
    await pWaitFor(() => received.length === 1 + 4 * 30 * 1024, { timeout: 10_000 })

    expect([...new Set(received)]).to.deep.equal([0, ...bytes])
    expect(pieces.length).to.be.greaterThan(1)
  })

  it('comes in order before the end of a stream', async () => {
    stream.send(Uint8Array.of(1))
    await stream.close()
    await pWaitFor(() => isEnded, { timeout: 10_000 })

    expect(received).to.deep.equal([0, 1])
  })

  it('is written before the connection is closed', async () => {
    stream.send(Uint8Array.of(1))
    await connection.close()
    await pWaitFor(() => received.length === 2, { timeout: 10_000 })
  })

  it('is lost where the connection was cut meanwhile, and nothing else', async () => {
    stream.send(Uint8Array.of(1))
    connection.abort(new Error('the line is cut'))
    await pWaitFor(() => receiver.getConnections().length === 0, { timeout: 10_000 })

    stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL)
    stream.send(Uint8Array.of(2))
    await pWaitFor(() => received.at(-1) === 2, { timeout: 10_000 })
  })

  it('holds the sender back while the other side does not read', async () => {
    let hasRoom = true

    receiver.getConnections().forEach(connection => { connection.streams.forEach(stream => { stream.pause() }) })

    for (let sent = 0; hasRoom && sent < 100; sent++) {
      hasRoom = stream.send(new Uint8Array(64 * 1024))
    }

    expect(hasRoom).to.equal(false)

    receiver.getConnections().forEach(connection => { connection.streams.forEach(stream => { stream.resume() }) })
    await stream.onDrain({ signal: AbortSignal.timeout(10_000) })
  })
})

async function createHost (muxer: () => StreamMuxerFactory): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer]
  })
}
