import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { validateOffset } from '../../../src/cli/doctor/clock.ts'
import { ClockOffsets } from '../../../src/network/lifecycle/clock-offsets.ts'
import { NodeLog } from '../../../src/node/host/log.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { synced } from '../../utils/sync.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { ClockOffset } from '../../../src/index.ts'
import type { LogLine } from '../../../src/node/host/log.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { PeerId } from '@libp2p/interface'

const SKEW = 10

describe('clock offsets', () => {
  let peers: PeerId[]
  let counted: PeerId[]
  let told: ClockOffset[]
  let clocks: ClockOffsets

  beforeEach(async () => {
    peers = await Promise.all(Array.from({ length: 5 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
    counted = peers
    told = []
    clocks = new ClockOffsets({ skew: SKEW, counted: () => counted, isConnected: peer => peers.includes(peer), onChange: offset => { told.push(offset) } })
  })

  /** Peer by peer, how far each is ahead */
  function read (...offsets: number[]): void {
    offsets.forEach((offset, index) => { clocks.add(peers[index], { sent: 1_000n, received: 1_000n, theirs: 1_000n + BigInt(offset) }) })
  }

  const medians: Array<[number[], number]> = [
    [[0], 0],
    [[30], 30],
    [[-30], -30],
    // each of two may be the wrong one
    [[0, 500], 0],
    [[30, -30], 0],
    [[30, 40], 30],
    [[-40, -30], -30],
    [[0, 0, 500], 0],
    [[20, 30, 500], 30],
    [[0, 20, 30, 40], 20],
    [[-500, 20, 20, 20, 500], 20]
  ]

  medians.forEach(([offsets, seconds]) => {
    it(`are ${seconds} s where the others are ahead by ${offsets.join(', ')}`, () => {
      read(...offsets)

      expect(clocks.current).to.deep.equal({ seconds, peers: offsets.length, isOff: Math.abs(seconds) > SKEW })
    })
  })

  it('do not count the time that an answer takes', () => {
    counted = peers.slice(0, 1)

    const offset = (sent: bigint, received: bigint, theirs: bigint): number | undefined => {
      clocks.add(peers[0], { sent, received, theirs })

      return clocks.current?.seconds
    }

    // whenever it was said, between the two
    expect(offset(1_000n, 1_030n, 1_000n)).to.equal(0)
    expect(offset(1_000n, 1_030n, 1_030n)).to.equal(0)
    // less than a second more than the whole seconds that are said
    expect(offset(1_000n, 1_000n, 1_001n)).to.equal(0)
    expect(offset(1_000n, 1_004n, 1_022n)).to.equal(20)
    expect(offset(1_000n, 1_004n, 0n)).to.equal(-1_002)
    expect(offset(1_000n, 1_004n, 2n ** 64n - 1n)).to.equal(1e12)
  })

  it('are of peers that count and are connected, and tell when they are off and when no longer', () => {
    expect(clocks.current).to.equal(undefined)
    read(SKEW, SKEW, SKEW)
    expect(told).to.deep.equal([])
    read(SKEW + 1, SKEW + 1, 0)
    expect(told).to.deep.equal([{ seconds: SKEW + 1, peers: 3, isOff: true }])

    counted = peers.slice(2)
    expect(clocks.current).to.deep.equal({ seconds: 0, peers: 1, isOff: false })
    counted = peers
    read(50, 50, 50)
    expect(told).to.have.length(1)
    read(0, 0)
    expect(told.slice(1)).to.deep.equal([{ seconds: 0, peers: 3, isOff: false }])
  })
})

describe('a clock that is off', function () {
  this.timeout(60_000)

  const network = new TestNetwork()

  afterEach(async () => network.stop())

  it('is told at its own node, and not at the others, and so is that it is right again', async () => {
    const system = (): bigint => BigInt(Math.floor(Date.now() / 1_000))
    let behind = 45n
    const sync = { interval: 500, maxRequests: 100 }
    const off = await network.add({ sync, clock: () => system() - behind })
    const lines: LogLine[] = []

    await network.add({ sync })
    await network.add({ sync })
    await network.add({ sync })

    const others = network.nodes.slice(1)
    const offsetOf = ({ voting }: typeof off): ClockOffset | undefined => voting.scopes()[0].clockOffset
    const log = new NodeLog(off.voting, line => { lines.push(line) }, [])
    log.start()
    await network.connect()
    await network.join(policyOf(network.nodes, { decisionRule: 'quorum' }))
    await pWaitFor(() => network.nodes.every(node => offsetOf(node)?.peers === 3), { timeout: 20_000 })

    expect(offsetOf(off)?.seconds).to.be.within(44, 46)
    expect(others.map(node => offsetOf(node)?.isOff)).to.deep.equal([false, false, false])
    expect(lines.filter(({ event }) => event === 'clock').map(({ level, message }) => `${level}: ${message}`).pop())
      .to.match(/^warn: the clock of this node is 4[456] s behind those of the others in scope council/)

    behind = 0n
    await pWaitFor(() => offsetOf(off)?.isOff === false, { timeout: 20_000 })
    await pWaitFor(() => lines.some(({ event, message }) => event === 'clock' && message.includes('agrees with those of the others again')))
    log.stop()
  })

  it('is not told by a peer without a key, which may say anything', async () => {
    const told: ClockOffset[] = []
    const node = await network.add()
    const stranger = await network.add({ keyless: true, clock: () => BigInt(Math.floor(Date.now() / 1_000)) + 3_600n })

    node.voting.addEventListener('voting:clock', ({ detail }) => { told.push(detail) })
    await network.connect()
    await network.join(policyOf([node], { decisionRule: 'quorum', voters: [node.signer, newSigner()].map(({ identity }) => identityToAddress(identity)) }))
    await Promise.all([synced(node), synced(stranger)])

    expect(told).to.deep.equal([])
    expect(node.voting.scopes()[0].clockOffset).to.equal(undefined)
  })

  it('is told at both, where there are two', async () => {
    const told = new Map<TestNode, number>()
    const first = await network.add({ clock: () => BigInt(Math.floor(Date.now() / 1_000)) + 100n })
    const second = await network.add()

    for (const node of network.nodes) {
      node.voting.addEventListener('voting:clock', ({ detail: { seconds } }) => { told.set(node, seconds) })
    }

    await network.connect()
    await network.join(policyOf(network.nodes, { decisionRule: 'quorum' }))
    await pWaitFor(() => told.size === 2, { timeout: 20_000 })

    expect(told.get(first)).to.be.within(-101, -99)
    expect(told.get(second)).to.be.within(99, 101)
  })

  it('is found by doctor', () => {
    expect(validateOffset('council', null, 10)).to.include({ level: 'ok' })
    expect(validateOffset('council', { seconds: 3, peers: 3, isOff: false }, 10)).to.deep.equal({ check: 'clock', level: 'ok', message: 'in scope council it agrees with 3 other clocks, within the 10 s that the policy allows' })
    expect(validateOffset('council', { seconds: -40, peers: 3, isOff: true }, 10)).to.include({ level: 'problem', message: 'in scope council it is 40 s ahead of those of 3 other members, by their median; the policy allows 10 s' })
    expect(validateOffset('council', { seconds: 40, peers: 1, isOff: true }, 10)).to.include({ level: 'problem', message: 'in scope council it is 40 s behind the one other member\'s that is connected: one of the two is wrong' })
  })
})
