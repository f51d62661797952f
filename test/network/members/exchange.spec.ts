import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { signMemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { SyncStatus } from '../../../src/pb/sync.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { helloFor, Liar } from '../../utils/liar.ts'
import { isMemberText, now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { scopeOf } from '../../utils/sync.ts'
import type { MemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import type { ConsensusSigner, SignatureScheme } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

const DAY = 86_400n
const TIMEOUT = { timeout: 20_000, interval: 20 }

/** Counts the member proofs that are verified */
class CountingScheme implements SignatureScheme {
  proofs = 0
  private readonly scheme = ethereumScheme()

  verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean | Promise<boolean> {
    this.proofs += isMemberText(payload) ? 1 : 0

    return this.scheme.verify(identity, payload, signature)
  }
}

describe('exchange of member proofs', function () {
  this.timeout(60_000)

  let network: TestNetwork
  let liar: Liar
  let faults: string[]

  beforeEach(async () => {
    network = new TestNetwork()
    liar = await Liar.create()
    faults = []
  })

  afterEach(async () => {
    await network.stop()
    await liar.stop()
  })

  /** What a node takes another for: the voter's address, or 'stranger' */
  function seen (node: TestNode, other: Pick<TestNode, 'libp2p'> | Liar, name?: string): string {
    return scopeOf(node, name).members.voterOf(other.libp2p.peerId) ?? 'stranger'
  }

  function addressOf ({ signer }: Pick<TestNode, 'signer'>): string {
    return identityToAddress(signer.identity).toLowerCase()
  }

  function proofOf (node: TestNode, of: TestNode): MemberProof | undefined {
    return scopeOf(node).members.proofsOf(of.libp2p.peerId)[0]
  }

  /** A proof as a voter with this key would make it for this peer */
  async function prove (signer: ConsensusSigner, node: TestNode, peer: { libp2p: { peerId: unknown } }, changes: Partial<MemberProof> = {}): Promise<any> {
    const { name, digest } = scopeOf(node)
    const claim = { issued: now(), expires: now() + DAY, count: 0n, mark: new Uint8Array(16), ...changes }

    return { ...await signMemberProof(signer, { scope: name, digest, peer: `${peer.libp2p.peerId}` }, claim), ...changes }
  }

  async function says (node: TestNode, hello: object): Promise<void> {
    const asking = await liar.open(node)

    await asking.request({ hello: { ...helloFor(scopeOf(node)), ...hello } }).finally(() => { asking.stream.abort(new Error('done')) })
  }

  async function listen (init: object = {}, voters: ConsensusSigner[] = []): Promise<TestNode> {
    const node = await network.add(init)

    node.voting.addEventListener('voting:fault', ({ detail }) => { faults.push(detail.reason) })
    await node.voting.join(policyOf([node], { voters: [node.signer, ...voters].map(({ identity }) => identityToAddress(identity)) }))

    return node
  }

  it('tells voters\' nodes from strangers, both ways', async () => {
    const [first, second, stranger, keyless] = [await network.add(), await network.add(), await network.add(), await network.add({ keyless: true })]
    const nodes = [first, second, stranger, keyless]

    await network.connect()
    await network.join(policyOf([first, second], { decisionRule: 'quorum' }))
    // crate peers and ours may be in one scope
    await network.join(policyOf([first, second], { name: 'board' }))

    for (const name of ['council', 'board']) {
      const views = (): string[][] => nodes.map(node => nodes.map(other => seen(node, other, name)))
      const [one, two, none] = [addressOf(first), addressOf(second), 'stranger']

      await pWaitFor(() => views().flat().filter(view => view !== none).length === 6, TIMEOUT)
      expect(views()).to.deep.equal([[none, two, none, none], [one, none, none, none], [one, two, none, none], [one, two, none, none]])
    }
  })

  it('is of no use in open scopes', async () => {
    const [first, second] = [await network.add(), await network.add()]

    await network.connect()
    await network.join('council')
    await pWaitFor(() => network.nodes.every(node => scopeOf(node).synced), TIMEOUT)

    expect(seen(first, second)).to.equal('stranger')
    expect((first.voting as any).parts.ownProofs.scopes.size).to.equal(0)
  })

  it('brings a proof that comes late, and joining does not wait for it', async () => {
    const key = ethereumSigner(generatePrivateKey())
    const asked = pDefer()
    const release = pDefer()
    const slow: ConsensusSigner = {
      identity: key.identity,
      async sign (payload) {
        if (isMemberText(payload)) {
          asked.resolve()
          await release.promise
        }

        return key.sign(payload)
      }
    }
    const [first, second] = [await network.add(), await network.add({ signer: slow, sync: { interval: 1e6 } })]

    await network.connect()
    await network.join(policyOf([first, second]))
    await asked.promise
    await pWaitFor(() => seen(second, first) === addressOf(first), TIMEOUT)
    expect(seen(first, second)).to.equal('stranger')

    release.resolve()
    await pWaitFor(() => seen(first, second) === addressOf(second), TIMEOUT)
  })

  it('counts the lock of each vote in the next proof', async () => {
    const voteLock = new MemoryVoteLock()
    const node = await listen({ voteLock })
    const claimed = async (): Promise<bigint | undefined> => {
      const asking = await liar.open(node)
      const { hello } = await asking.request({ hello: helloFor(scopeOf(node)) }).finally(() => { asking.stream.abort(new Error('done')) })

      return hello?.member?.count
    }
    const before = await claimed()
    const { proposalId } = await node.voting.propose('council', { name: 'Go?' })

    await node.voting.vote('council', proposalId, true)

    const after = await claimed()

    expect(after).to.equal((await voteLock.counter(node.signer.identity))?.count)
    expect(after).to.equal((before ?? 0n) + 1n)
  })

  it('renews a proof when two thirds of its time are over', async () => {
    let ahead = 0n
    const clock = (): bigint => now() + ahead
    const [first, second] = [await network.add({ clock, sync: { interval: 200 } }), await network.add({ clock, sync: { interval: 200 } })]

    await network.connect()
    await network.join(policyOf([first, second]))
    await pWaitFor(() => seen(first, second) !== 'stranger', TIMEOUT)

    const { issued, expires } = proofOf(first, second) as MemberProof

    expect(expires - issued).to.equal(DAY)
    ahead = DAY * 2n / 3n
    await pWaitFor(() => (proofOf(first, second)?.issued ?? 0n) >= issued + ahead, TIMEOUT)
    expect(seen(first, second)).to.equal(addressOf(second))
  })

  it('has the count and mark of the locks, and is made again when they have changed', async () => {
    const voteLock = new MemoryVoteLock()
    const node = await network.add({ voteLock })
    const { ownProofs } = (node.voting as any).parts

    await node.voting.join(policyOf([node, await network.add()]))

    const scope = scopeOf(node)
    const { count, mark } = await voteLock.counter(node.signer.identity)

    expect(await ownProofs.of(scope)).to.deep.include({ count, mark })

    const raised = await voteLock.raise(node.signer.identity)

    await ownProofs.changed()
    expect(await ownProofs.of(scope)).to.deep.include({ count: count + 1n, mark: raised.mark })
  })

  it('takes no proof that was made for another peer, and has it against the one that shows it', async () => {
    const voter = ethereumSigner(generatePrivateKey())
    const node = await listen({}, [voter])

    await says(node, { member: await prove(voter, node, node) }).catch(() => {})
    await pWaitFor(() => faults.length === 1, TIMEOUT)
    expect(faults).to.deep.equal(['sent a member proof that its voter has not signed'])
    expect(seen(node, liar)).to.equal('stranger')
  })

  it('has it against a peer that its proof is of nobody who may vote, or has a form that no proof has', async () => {
    const [voter, stranger] = [ethereumSigner(generatePrivateKey()), ethereumSigner(generatePrivateKey())]
    const node = await listen({}, [voter])

    await says(node, { member: await prove(stranger, node, liar) }).catch(() => {})
    await says(node, { member: await prove(voter, node, liar, { expires: now() + 31n * DAY }) }).catch(() => {})
    await pWaitFor(() => faults.length === 2, TIMEOUT)
    expect(faults[0]).to.match(/not among the voters/)
    expect(faults[1]).to.match(/at most 30 days/)
  })

  it('has nothing against a peer whose proof is not current by our clock', async () => {
    const voter = ethereumSigner(generatePrivateKey())
    const node = await listen({}, [voter])

    await says(node, { member: await prove(voter, node, liar, { issued: now() - 2n * DAY, expires: now() - DAY }) })
    await says(node, { member: await prove(voter, node, liar, { issued: now() + 2n * DAY, expires: now() + 3n * DAY }) })
    expect(seen(node, liar)).to.equal('stranger')

    await says(node, { member: await prove(voter, node, liar) })
    expect(seen(node, liar)).to.equal(addressOf({ signer: voter }))
    expect(faults).to.be.empty()
  })

  it('verifies one proof a minute and connection, and equal bytes once', async () => {
    let ahead = 0n
    const scheme = new CountingScheme()
    const voter = ethereumSigner(generatePrivateKey())
    const node = await listen({ scheme, clock: () => now() + ahead, sync: { maxRequests: 100 } }, [voter])
    const member = await prove(voter, node, liar)

    for (let i = 0; i < 3; i++) {
      await says(node, { member })
      await says(node, { member: await prove(voter, node, liar, { count: BigInt(i + 1) }) })
    }

    expect(scheme.proofs).to.equal(1)
    ahead = 60n
    await says(node, { member: await prove(voter, node, liar, { count: 9n }) })
    expect(scheme.proofs).to.equal(2)
    expect(scopeOf(node).members.proofsOf(liar.libp2p.peerId)[0]).to.include({ count: 9n })

    await liar.libp2p.hangUp(node.libp2p.peerId)
    await pWaitFor(() => node.libp2p.getConnections().length === 0, TIMEOUT)
    await says(node, { member: await prove(voter, node, liar, { count: 10n }) })
    expect(scheme.proofs).to.equal(3)
  })

  it('gives a voter\'s node back the proofs that it held, until the node has answered a hello that has them', async () => {
    const voter = ethereumSigner(generatePrivateKey())
    const node = await listen({ sync: { maxRequests: 100, interval: 1e6 } }, [voter])
    const scope = scopeOf(node)
    const given: number[][] = []
    const countsOf = ({ yours = [] }: { yours?: MemberProof[] } = {}): number[] => yours.map(({ count }) => Number(count))
    // a new connection each time: one proof a minute is verified on each
    const show = async (count: bigint, copy: number): Promise<number[]> => {
      await liar.libp2p.hangUp(node.libp2p.peerId)
      await pWaitFor(() => node.libp2p.getConnections().length === 0, TIMEOUT)

      const asking = await liar.open(node)
      const { hello } = await asking.request({ hello: { ...helloFor(scope), member: await prove(voter, node, liar, { count, mark: new Uint8Array(16).fill(copy) }) } })

      asking.stream.abort(new Error('crashed'))

      return countsOf(hello)
    }

    expect(await show(9n, 1)).to.deep.equal([9])
    // started from an older copy, and three times: each time it goes before it has taken in what it is given
    expect(await show(10n, 2)).to.deep.equal([9])
    expect(await show(11n, 3)).to.deep.equal([10, 9])
    expect(await show(12n, 4)).to.deep.equal([11, 10, 9])

    await liar.answer(scope, ({ hello }) => {
      given.push(countsOf(hello))

      return given.length === 1 ? { status: SyncStatus.BUSY } : { hello: { ...helloFor(scope), root: hello?.root } }
    })

    while (given.length < 3) {
      await (node.voting as any).parts.sync.requestAll(scope, [liar.libp2p.peerId])
    }

    // the first one was not answered by a hello
    expect(given.slice(0, 3)).to.deep.equal([[11, 10, 9], [11, 10, 9], [12]])
    expect(await show(13n, 5)).to.deep.equal([12])
    expect(faults).to.be.empty()
  })

  it('finds out that its locks are an older copy where another node with its key shows more of them', async () => {
    const voteLock = new MemoryVoteLock()
    const node = await listen({ voteLock })
    const { count, mark } = await voteLock.counter(node.signer.identity)

    await says(node, { member: await prove(node.signer, node, liar, { count, mark }) })
    expect(node.voting.ownLocks()).to.deep.equal({})
    await liar.libp2p.hangUp(node.libp2p.peerId)
    await pWaitFor(() => node.libp2p.getConnections().length === 0, TIMEOUT)
    await says(node, { member: await prove(node.signer, node, liar, { count: count + 5n }) })
    expect(node.voting.ownLocks()).to.have.property('restoredAt')
    expect(await voteLock.counter(node.signer.identity)).to.have.property('count', count + 6n)
    expect(faults).to.be.empty()
  })

  it('has it against a peer that it gives back more proofs than a member keeps', async () => {
    const node = await listen()
    const proof = await prove(node.signer, node, node)

    await says(node, { yours: Array.from({ length: 8 }, () => proof) })
    expect(faults).to.be.empty()
    await says(node, { yours: Array.from({ length: 9 }, () => proof) }).catch(() => {})
    await pWaitFor(() => faults.length === 1, TIMEOUT)
    expect(faults).to.deep.equal(['gave back 9 member proofs, and may give back at most 8'])
  })
})
