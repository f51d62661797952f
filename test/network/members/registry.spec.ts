import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'aegir/chai'
import { Members } from '../../../src/network/members/index.ts'
import type { MemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import type { PeerId } from '@libp2p/interface'

describe('members', () => {
  const DAY = 86_400n
  const alice = '0x' + 'aa'.repeat(20)
  const bob = '0x' + 'bb'.repeat(20)
  let peers: PeerId[]
  let connected: Set<PeerId>
  let time: bigint
  let members: Members

  before(async () => {
    peers = await Promise.all(Array.from({ length: 3 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
    peers.sort((a, b) => `${a}` < `${b}` ? -1 : 1)
  })

  beforeEach(() => {
    time = 1_000_000n
    connected = new Set(peers)
    members = new Members({ identity: new Uint8Array(20).fill(0xcc), skew: 10, clock: () => time, isConnected: peer => connected.has(peer) })
  })

  function proof (voter: number, changes: Partial<MemberProof> = {}): MemberProof {
    return { voter: new Uint8Array(20).fill(voter), issued: 1_000_000n, expires: 1_000_000n + DAY, count: 0n, mark: new Uint8Array(16), signature: new Uint8Array(65), ...changes }
  }

  it('are no strangers', () => {
    members.add(peers[0], proof(0xaa))

    expect(members.connected()).to.deep.equal([{ peer: peers[0], voter: alice }])
    expect(members.voterOf(peers[0])).to.equal(alice)
    expect(members.isMember(peers[0])).to.equal(true)
    expect(members.voterOf(peers[1])).to.equal(undefined)
    expect(members.isMember(peers[1])).to.equal(false)
  })

  it('are one for each voter, at first the first', () => {
    members.add(peers[1], proof(0xaa))
    members.add(peers[2], proof(0xaa, { count: 5n }))
    members.add(peers[0], proof(0xbb))

    expect(members.connected()).to.have.deep.members([{ peer: peers[1], voter: alice }, { peer: peers[0], voter: bob }])
    expect(members.isMember(peers[2])).to.equal(false)
  })

  it('change after 60 s to the peer with the higher count, then the later issue, then the smaller id', () => {
    members.add(peers[2], proof(0xaa))
    members.add(peers[1], proof(0xaa))
    time += 59n
    expect(members.isMember(peers[2])).to.equal(true)
    time += 1n
    expect(members.connected()).to.deep.equal([{ peer: peers[1], voter: alice }])

    members.add(peers[2], proof(0xaa, { issued: 1_000_001n }))
    time += 60n
    expect(members.connected()).to.deep.equal([{ peer: peers[2], voter: alice }])

    members.add(peers[0], proof(0xaa, { count: 1n }))
    time += 60n
    expect(members.connected()).to.deep.equal([{ peer: peers[0], voter: alice }])
  })

  it('do not change where the better peer does not stay the better one for 60 s', () => {
    members.add(peers[0], proof(0xaa))
    members.add(peers[1], proof(0xaa, { count: 1n }))
    time += 59n
    members.add(peers[0], proof(0xaa, { count: 2n }))
    time += 1n
    expect(members.isMember(peers[0])).to.equal(true)
    members.add(peers[1], proof(0xaa, { count: 3n }))
    time += 59n
    expect(members.isMember(peers[0])).to.equal(true)
  })

  it('change at once when the peer that counted disconnects or its proof expires', () => {
    members.add(peers[0], proof(0xaa))
    members.add(peers[1], proof(0xaa, { expires: 1_000_000n + 2n * DAY }))
    connected.delete(peers[0])
    expect(members.connected()).to.deep.equal([{ peer: peers[1], voter: alice }])

    members.add(peers[2], proof(0xaa, { expires: 1_000_000n + 3n * DAY }))
    time += 2n * DAY + 10n
    expect(members.connected()).to.deep.equal([{ peer: peers[2], voter: alice }])
    time += DAY
    expect(members.connected()).to.be.empty()
  })

  it('are forgotten when they disconnect', () => {
    members.add(peers[0], proof(0xaa))
    connected.delete(peers[0])
    expect(members.proven()).to.be.empty()
    connected.add(peers[0])
    expect(members.isMember(peers[0])).to.equal(false)
  })

  it('never are peers of our own voter', () => {
    members.add(peers[0], proof(0xcc))

    expect(members.connected()).to.be.empty()
    expect(members.isMember(peers[0])).to.equal(false)
    expect(members.proven()).to.deep.equal([{ peer: peers[0], voter: '0x' + 'cc'.repeat(20), proof: proof(0xcc), counts: false }])
  })

  it('keep the higher of two proofs of a peer', () => {
    expect(members.add(peers[0], proof(0xaa, { count: 3n }))).to.equal(true)
    expect(members.add(peers[0], proof(0xaa, { count: 3n }))).to.equal(false)
    expect(members.add(peers[0], proof(0xaa, { count: 2n, issued: 1_000_009n }))).to.equal(false)
    expect(members.proofsOf(peers[0])).to.deep.equal([proof(0xaa, { count: 3n })])
  })

  it('may be several voters in one peer', () => {
    members.add(peers[0], proof(0xaa))
    members.add(peers[0], proof(0xbb))

    expect(members.votersOf(peers[0])).to.have.members([alice, bob])
    expect(members.connected()).to.have.length(2)
  })
})
