import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { ConsensusSession } from '../../src/consensus/session/session.ts'
import { MemoryVoteLock, voteSubject } from '../../src/consensus/vote/vote-lock.ts'
import { buildVote } from '../../src/consensus/vote/vote.ts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { makeVote, now } from '../utils/messages.ts'
import { policyOf, TestNetwork } from '../utils/nodes.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { TestNode, TestNodeInit } from '../utils/nodes.ts'

describe('voting service on LevelDB', () => {
  const folder = useTempFolder()
  const signer = ethereumSigner(generatePrivateKey())
  let network: TestNetwork
  let storage: LevelStorage

  beforeEach(() => {
    network = new TestNetwork()
  })

  afterEach(async () => {
    await network.stop()
    await storage.close()
  })

  async function start (init: TestNodeInit = {}): Promise<TestNode> {
    storage = await LevelStorage.open(folder.path)

    return network.add({ storage, signer, syncWait: 500, ...init })
  }

  async function restart (node: TestNode, init?: TestNodeInit): Promise<TestNode> {
    await node.libp2p.stop()
    network.nodes.splice(network.nodes.indexOf(node), 1)
    await storage.close()

    return start(init)
  }

  it('is in its scopes again after a restart, under the same policies', async () => {
    let node = await start()
    const council = await node.voting.join(policyOf([node], { threshold: 0.75, onSilence: 'none' }))
    const senate = await node.voting.join('senate')
    await node.voting.join('left')
    await node.voting.leave('left')

    node = await restart(node)

    expect(node.voting.scopes().map(({ topic }) => topic)).to.have.members([council.topic, senate.topic])
    expect(node.pubsub.getTopics()).to.have.members([council.topic, senate.topic])
    await expect(node.voting.join(council.policy)).to.eventually.have.property('topic', council.topic)
  })

  it('knows decisions, votes and what is still open after a restart', async () => {
    let node = await start()
    const other = await network.add({ start: false })
    await node.voting.join(policyOf([node, other]))
    await node.voting.join('alone')
    const decided = await node.voting.propose('alone', { name: 'Go?', expectedVotersCount: 1 })
    await node.voting.vote('alone', decided.proposalId, false)
    const open = await node.voting.propose('council', { name: 'Wait?', payload: new Uint8Array([1, 2, 3]) })
    await node.voting.vote('council', open.proposalId, true)
    const before = [await node.voting.get('alone', decided.proposalId), await node.voting.get('council', open.proposalId)]

    node = await restart(node)

    expect([await node.voting.get('alone', decided.proposalId), await node.voting.get('council', open.proposalId)]).to.deep.equal(before)
    await expect(node.voting.decision('alone', decided.proposalId)).to.eventually.include({ state: 'reached', result: false })
    await expect(node.voting.vote('council', open.proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
  })

  it('keeps deadlines that come, and those that came while it was down', async () => {
    let node = await start()
    const others = [await network.add({ start: false }), await network.add({ start: false })]
    await node.voting.join(policyOf([node, ...others]))
    const soon = await node.voting.propose('council', { name: 'soon', timeoutSeconds: 2 })
    const past = await node.voting.propose('council', { name: 'past', timeoutSeconds: 30 })

    node = await restart(node)
    await expect(node.voting.get('council', soon.proposalId)).to.eventually.have.property('state', 'active')
    await expect(node.voting.decision('council', soon.proposalId)).to.eventually.include({ state: 'reached', result: true })

    node = await restart(node, { clock: () => now() + 31n })
    await expect(node.voting.decision('council', past.proposalId)).to.eventually.include({ state: 'reached', result: true })
  })

  it('sends again after a restart what it may not have got out before', async () => {
    let node = await start()
    const other = await network.add()
    const policy = policyOf([node, other])
    await node.voting.join(policy)
    await other.voting.join(policy)
    const { proposalId } = await node.voting.propose('council', { name: 'Anybody?' })
    await node.voting.vote('council', proposalId, true)

    node = await restart(node)
    await network.connect()
    await pWaitFor(async () => other.voting.get('council', proposalId).then(({ tally }) => tally.yes === 1, () => false), { timeout: 10_000 })
    await other.voting.vote('council', proposalId, true)

    await expect(node.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
  })

  it('sends its proposals again after a restart also where its lock on one is damaged', async () => {
    const voteLock = new FileVoteLock(join(folder.path, 'locks'))
    let node = await start({ voteLock })

    await node.voting.join('council')

    const { proposalId } = await node.voting.propose('council', { name: 'Go?', expectedVotersCount: 3 })
    const [scope] = node.voting.scopes() as JoinedScope[]
    const session = await storage.getSession(scope.key, proposalId) as ConsensusSession

    await voteLock.acquire(scope.key, voteSubject(session), buildVote({ proposalId, owner: signer.identity, choice: true, timestamp: now(), votes: [], digest: session.digest }))

    const [identity] = await readdir(join(folder.path, 'locks'))
    const [name] = (await readdir(join(folder.path, 'locks', identity))).filter(name => name !== 'counter')

    await writeFile(join(folder.path, 'locks', identity, name), 'damaged')
    node = await restart(node, { voteLock, start: false })

    const published: string[] = []
    const publish = node.pubsub.publish.bind(node.pubsub)

    node.pubsub.publish = async (...args: Parameters<typeof publish>) => {
      published.push(args[0])

      return publish(...args)
    }
    await node.libp2p.start()
    await network.add()
    await network.nodes[1].voting.join('council')
    await network.connect()
    await pWaitFor(() => published.length > 0, { timeout: 20_000 })
    await expect(node.voting.vote('council', proposalId, false)).to.eventually.be.rejected().with.property('name', 'VoteLockDamagedError')
  })

  it('completes after a restart the vote it was bound to when the process ended', async () => {
    const voteLock = new MemoryVoteLock()
    let node = await start({ voteLock })
    const other = await network.add()
    const policy = policyOf([node, other])
    await node.voting.join(policy)
    await other.voting.join(policy)
    const { proposalId } = await node.voting.propose('council', { name: 'Go?' })
    const { appendVote } = storage
    storage.appendVote = async () => { throw new Error('the power is gone') }
    await expect(node.voting.vote('council', proposalId, true)).to.eventually.be.rejectedWith('the power is gone')
    storage.appendVote = appendVote

    node = await restart(node, { voteLock })
    await pWaitFor(async () => (await node.voting.get('council', proposalId)).tally.yes === 1)
    await network.connect()
    await pWaitFor(async () => other.voting.get('council', proposalId).then(({ tally }) => tally.yes === 1, () => false), { timeout: 10_000 })
    await expect(node.voting.vote('council', proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
  })

  it('is bound after a restart by a vote it cast after the decision, which is not stored', async () => {
    let node = await start()
    const others = [await network.add({ start: false }), await network.add({ start: false })]
    await node.voting.join(policyOf([node, ...others]))
    const { proposalId, timestamp } = await node.voting.propose('council', { name: 'Go?' })
    const { key } = node.voting.scopes()[0] as JoinedScope

    for (const other of others) {
      await node.voting.consensus.processIncomingVote(key, await makeVote(other.signer, { proposalId, timestamp }, true))
    }

    const vote = await node.voting.vote('council', proposalId, true)
    node = await restart(node)

    await expect(node.voting.vote('council', proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    expect(await node.voting.vote('council', proposalId, true)).to.deep.equal(vote)
  })

  it('is bound by a vote of its key that came from another node', async () => {
    const voteLock = new MemoryVoteLock()
    let node = await start({ voteLock })
    const twin = await network.add({ signer })
    await network.connect()
    await network.join('council')
    const { proposalId } = await twin.voting.propose('council', { name: 'Go?', expectedVotersCount: 3 })
    const vote = await twin.voting.vote('council', proposalId, false)
    await pWaitFor(async () => node.voting.get('council', proposalId).then(({ tally }) => tally.no === 1, () => false), { timeout: 10_000 })

    // as from an old backup, where the vote is not in the store
    const { key } = node.voting.scopes()[0] as JoinedScope
    const session = await storage.getSession(key, proposalId) as ConsensusSession
    await twin.libp2p.stop()
    await storage.saveSession(key, ConsensusSession.create({ ...session.toProposal(), votes: [] }, session.config, session.createdAt))
    node = await restart(node, { voteLock })

    await pWaitFor(async () => (await node.voting.get('council', proposalId)).tally.no === 1)
    await expect(node.voting.vote('council', proposalId, true)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    expect((await storage.getSession(key, proposalId))?.lastVote?.voteHash).to.equalBytes(vote.voteHash)
  })
})
