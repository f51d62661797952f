import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipPeer } from '../../utils/gossip-peer.ts'
import type { Connection, Stream } from '@libp2p/interface'

const ECHO = '/echo/1.0.0'

describe('noise of a node', () => {
  let one: GossipPeer
  let other: GossipPeer
  let connection: Connection
  let received: number
  let errors: number
  const { RangeError } = globalThis

  beforeEach(async () => {
    one = await createGossipPeer()
    other = await createGossipPeer()
    received = 0
    errors = 0

    await other.handle(ECHO, stream => {
      stream.addEventListener('message', ({ data }) => { stream.send(data) })
    })

    connection = await one.dial(other.getMultiaddrs())
    await pWaitFor(() => [one, other].every(({ services: { pubsub } }) => pubsub.getPeers().length === 1), { timeout: 10_000 })
  })

  afterEach(async () => {
    globalThis.RangeError = RangeError
    await Promise.all([one.stop(), other.stop()])
  })

  /** Resolves when all of it has come back */
  async function echo (stream: Stream, data: Uint8Array): Promise<void> {
    const before = received

    stream.send(data)
    await pWaitFor(() => received >= before + data.byteLength, { interval: 1, timeout: 10_000 })
    expect(received).to.equal(before + data.byteLength)
  }

  async function openStream (): Promise<Stream> {
    const stream = await connection.newStream(ECHO)

    stream.addEventListener('message', ({ data }) => { received += data.byteLength })

    return stream
  }

  it('makes no error for what it has read to its end', async () => {
    const stream = await openStream()

    globalThis.RangeError = new Proxy(RangeError, {
      apply: (target, _, args) => {
        errors++
        return target(...args)
      }
    })

    for (let index = 0; index < 20; index++) {
      await echo(stream, new Uint8Array(100))
    }

    expect(errors).to.equal(0)
  })

  it('puts together what comes in pieces', async () => {
    const stream = await openStream()

    await echo(stream, new Uint8Array(200_000))
  })
})
