import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { signMemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { helloFor, Liar } from '../../utils/liar.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { MemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import type { LockCounter } from '../../../src/consensus/vote/lock-counter.ts'
import type { ConsensusSigner, Proposal } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('a member that is asked what our key has signed', function () {
  this.timeout(60_000)

  const network = new TestNetwork()
  const other = newSigner()
  const voteLock = new MemoryVoteLock()
  let node: TestNode
  let member: Liar
  let older: Proposal
  /** What the member says that it has of our key */
  let yours: MemberProof | undefined

  beforeEach(async () => {
    yours = undefined
    member = await Liar.create()
    node = await network.add({ voteLock, syncWait: 500, sync: { maxRequests: 1_000 } })
    await node.voting.join(policyOf([node], { decisionRule: 'quorum', voters: [node.signer, other].map(({ identity }) => identityToAddress(identity)) }))

    const scope = scopeOf(node)

    older = quorumProposal(other, scope.policy, { timestamp: now() - 100n, expirationTimestamp: now() + 600n })
    await know(node, [await makeSigned(other, scope.policy, older)])

    const shown = await prove(other, member.libp2p, {})

    await member.answer(scope, ({ hello }) => ({ hello: { ...helloFor(scope), root: hello?.root, member: shown, yours: yours == null ? [] : [yours] } }))
    await node.libp2p.dial(member.libp2p.getMultiaddrs())
  })

  afterEach(async () => {
    await network.stop()
    await member.stop()
  })

  async function prove (signer: ConsensusSigner, { peerId }: { peerId: unknown }, claim: Partial<LockCounter>): Promise<MemberProof> {
    const { name, digest } = scopeOf(node)

    return signMemberProof(signer, { scope: name, digest, peer: `${peerId}` }, { issued: now(), expires: now() + 86_400n, count: 0n, mark: new Uint8Array(16), ...claim })
  }

  /** A proof by our own key with this count more than its locks have now, or the same proof that our key has not signed */
  async function own (more: bigint): Promise<MemberProof> {
    const { count = 0n, mark } = await voteLock.counter(node.signer.identity) ?? {}

    return prove(node.signer, node.libp2p, more === 0n ? { count, mark } : { count: count + more })
  }

  /** Whether the member counts for one that was asked after it was asked so often more */
  async function isAsked (): Promise<boolean> {
    const { sync, asked } = (node.voting as any).parts
    const scope = scopeOf(node)
    const begun = performance.now()

    await sync.requestAll(scope, [member.libp2p.peerId])

    return asked.voters(scope, begun).length === 1
  }

  it('counts once it has told, and not before', async () => {
    expect(await isAsked()).to.equal(false)
    yours = await own(0n)
    expect(await isAsked()).to.equal(true)
    await expect(node.voting.vote('council', older.proposalId, true)).to.eventually.have.property('vote', true)
  })

  it('does not count where our key has not signed what it says', async () => {
    yours = { ...await own(0n), count: 1_000n }
    expect(await isAsked()).to.equal(false)
    await expect(node.voting.vote('council', older.proposalId, true)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
    expect(node.voting.ownLocks()).to.deep.equal({})
  })

  it('does not count while what it says waits to be verified', async () => {
    yours = await own(1n)
    expect(await isAsked()).to.equal(true)
    expect(node.voting.ownLocks()).to.have.property('restoredAt')

    // one proof a minute and connection is verified
    yours = await own(7n)
    expect(await isAsked()).to.equal(false)
    await expect(node.voting.vote('council', older.proposalId, true)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')

    await node.libp2p.hangUp(member.libp2p.peerId)
    await pWaitFor(() => member.libp2p.getConnections().length === 0)
    await node.libp2p.dial(member.libp2p.getMultiaddrs())
    expect(await isAsked()).to.equal(true)
    expect((await voteLock.counter(node.signer.identity))?.count).to.equal(yours.count + 1n)
    yours = await own(0n)
    expect(await isAsked()).to.equal(true)
    await expect(node.voting.vote('council', older.proposalId, true)).to.eventually.have.property('vote', true)
  })

  it('does not count where what it says could not be taken into account', async () => {
    const counter = voteLock.counter.bind(voteLock)

    yours = await own(1n)
    voteLock.counter = async () => { throw new Error('the disk is gone') }

    try {
      expect(await isAsked()).to.equal(false)
    } finally {
      voteLock.counter = counter
    }

    expect(await isAsked()).to.equal(true)
    expect(node.voting.ownLocks()).to.have.property('restoredAt')
  })
})
