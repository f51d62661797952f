import { generateKeyPair } from '@libp2p/crypto/keys'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { signMemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { helloFor, Liar } from '../../utils/liar.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { scopeOf } from '../../utils/sync.ts'
import type { ConsensusSigner } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

const TIMEOUT = { timeout: 20_000, interval: 20 }

describe('a voter key in two places', function () {
  this.timeout(60_000)

  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork()
  })

  afterEach(async () => {
    await network.stop()
  })

  function keysAt ({ voting }: TestNode): string[] {
    return voting.keyAlarms().map(({ scope, peer }) => `${scope} ${peer}`)
  }

  it('is an alarm at both nodes that stays when one of them is gone, and a warning at the others', async () => {
    const first = await network.add()
    const second = await network.add({ signer: first.signer })
    const other = await network.add()
    const events: string[] = []

    for (const [index, { voting }] of network.nodes.entries()) {
      voting.addEventListener('voting:own-key', ({ detail: { peer } }) => { events.push(`own-key ${index} ${peer}`) })
      voting.addEventListener('voting:members', ({ detail: { kind, voter } }) => { events.push(`${kind} ${index} ${voter}`) })
    }

    await network.connect()
    await network.join(policyOf([first, other], { decisionRule: 'quorum' }))
    await pWaitFor(() => events.length === 3, TIMEOUT)

    const voter = identityToAddress(first.signer.identity).toLowerCase()

    expect(events).to.have.members([`own-key 0 ${second.libp2p.peerId}`, `own-key 1 ${first.libp2p.peerId}`, `two-nodes 2 ${voter}`])
    expect(keysAt(first)).to.deep.equal([`council ${second.libp2p.peerId}`])
    expect(keysAt(second)).to.deep.equal([`council ${first.libp2p.peerId}`])
    expect(keysAt(other)).to.be.empty()

    // neither counts for the other, and one of them for the rest
    expect(scopeOf(first).members.isMember(second.libp2p.peerId)).to.equal(false)
    expect(scopeOf(second).members.isMember(first.libp2p.peerId)).to.equal(false)
    expect(scopeOf(other).members.connected().map(({ voter }) => voter)).to.deep.equal([voter])

    await second.libp2p.stop()
    await pWaitFor(() => first.libp2p.getPeers().length === 1, TIMEOUT)
    expect(keysAt(first)).to.have.length(1)
  })

  it('is an alarm where another machine has a copy of all keys, and the two never meet', async () => {
    let ahead = 0n
    const [privateKey, signer] = [await generateKeyPair('Ed25519'), ethereumSigner(generatePrivateKey())]
    const [lock, copy] = [new MemoryVoteLock(), new MemoryVoteLock()]
    const init = { signer, privateKey, clock: () => now() + ahead, sync: { interval: 200, maxRequests: 1_000 } }
    const first = await network.add({ ...init, voteLock: lock })
    // a minute later it verifies another proof of the same peer
    const other = await network.add({ clock: () => now() + 20n * ahead, sync: init.sync })
    const policy = policyOf([first, other], { decisionRule: 'quorum', clockSkewSeconds: 1 })

    await network.connect()
    await network.join(policy)
    await pWaitFor(() => scopeOf(other).members.connected().length === 1, TIMEOUT)

    // what was signed before this process is no reason for an alarm
    ahead = 3n
    await copy.raise(signer.identity, { above: (await lock.counter(signer.identity))?.count })

    const second = await network.add({ ...init, voteLock: copy })

    await second.voting.join(policy)
    await network.connect([second, other])
    await pWaitFor(() => first.voting.keyAlarms().length === 1, TIMEOUT)

    const [{ kind, scope, peer, address, reason }] = first.voting.keyAlarms()

    expect({ kind, scope, peer, address }).to.deep.equal({ kind: 'peer', scope: 'council', peer: `${first.libp2p.peerId}`, address: undefined })
    expect(reason).to.match(/copy of this node's keys: it has proven this node's peer id to members of scope council.*Stop one of the two/)
    expect(keysAt(other)).to.be.empty()
  })

  it('is no alarm where a machine is set up from an older copy of itself', async () => {
    const [privateKey, signer, lock] = [await generateKeyPair('Ed25519'), ethereumSigner(generatePrivateKey()), new MemoryVoteLock()]
    const init = { signer, privateKey, sync: { interval: 200, maxRequests: 1_000 } }

    await lock.raise(signer.identity, { above: 100n })

    const first = await network.add({ ...init, voteLock: lock })
    const other = await network.add({ sync: init.sync })

    await network.connect()
    await network.join(policyOf([first, other], { decisionRule: 'quorum', clockSkewSeconds: 1 }))
    await pWaitFor(() => scopeOf(other).members.connected().length === 1, TIMEOUT)
    await first.libp2p.stop()
    await pWaitFor(() => other.libp2p.getPeers().length === 0, TIMEOUT)

    const second = await network.add({ ...init, voteLock: new MemoryVoteLock() })

    await second.voting.join(scopeOf(other).policy)
    await network.connect([second, other])
    await pWaitFor(() => second.voting.ownLocks().restoredAt != null, TIMEOUT)
    expect(keysAt(second)).to.be.empty()
  })

  it('is no alarm where a voter moves to another node', async () => {
    const first = await network.add()
    const other = await network.add()
    const events: string[] = []

    await network.connect()
    await network.join(policyOf([first, other]))
    await pWaitFor(() => scopeOf(other).members.connected().length === 1, TIMEOUT)
    other.voting.addEventListener('voting:members', ({ detail: { reason } }) => { events.push(reason) })
    await first.libp2p.stop()
    await pWaitFor(() => other.libp2p.getPeers().length === 0, TIMEOUT)

    const second = await network.add({ signer: first.signer })

    await second.voting.join(scopeOf(other).policy)
    await network.connect([second, other])
    await pWaitFor(() => scopeOf(other).members.isMember(second.libp2p.peerId), TIMEOUT)
    expect(events).to.be.empty()
  })

  it('is a warning where one peer has the keys of more voters than may fail together', async () => {
    const voters = [1, 2, 3].map(() => ethereumSigner(generatePrivateKey()))
    const liar = await Liar.create()
    let ahead = 0n
    const node = await network.add({ clock: () => now() + ahead })
    const events: string[] = []

    // with four voters one may vote both ways
    await node.voting.join(policyOf([node], { decisionRule: 'quorum', voters: [node.signer, ...voters].map(({ identity }) => identityToAddress(identity)) }))
    node.voting.addEventListener('voting:members', ({ detail: { kind, peer } }) => { events.push(`${kind} ${peer}`) })

    const prove = async (voter: ConsensusSigner): Promise<void> => {
      const { name, digest } = scopeOf(node)
      const member = await signMemberProof(voter, { scope: name, digest, peer: `${liar.libp2p.peerId}` }, { issued: now(), expires: now() + 86_400n, count: 0n, mark: new Uint8Array(16) })
      const asking = await liar.open(node)

      await asking.request({ hello: { ...helloFor(scopeOf(node)), member } as any })
      asking.stream.abort(new Error('done'))
      ahead += 60n
    }

    await prove(voters[0])
    expect(events).to.be.empty()
    await prove(voters[1])
    expect(events).to.deep.equal([`many-voters ${liar.libp2p.peerId}`])
    await liar.stop()
  })
})
