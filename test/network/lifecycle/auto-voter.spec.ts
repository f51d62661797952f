import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { autoVoteDueAt, autoVoteProblem, sideOf } from '../../../src/network/lifecycle/auto-vote-rules.ts'
import { SYNC_PROTOCOL } from '../../../src/network/sync/constants.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { announce, isMemberText, now } from '../../utils/messages.ts'
import { RecordedMetrics } from '../../utils/metrics.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { ConsensusSigner, Decision, Proposal, ScopePolicy, ScopePolicyInput, Vote, VotingEvents } from '../../../src/index.ts'
import type { LiveScope } from '../../../src/network/scope/live-scope.ts'
import type { TestNode, TestNodeInit } from '../../utils/nodes.ts'

describe('the time of automatic votes', () => {
  const START = 1_000n
  const times = (life: bigint): { timestamp: bigint, expirationTimestamp: bigint } => ({ timestamp: START, expirationTimestamp: START + life })
  const due = (life: bigint, clockSkewSeconds: number): bigint => autoVoteDueAt(parsePolicy({ name: 'council', clockSkewSeconds }), times(life)) - START

  it('is twice the skew before the end, at least 5 seconds, or at nine tenths of the life if that is earlier', () => {
    expect(due(60n, 10)).to.equal(40n)
    expect(due(600n, 10)).to.equal(540n)
    expect(due(200n, 10)).to.equal(180n)
    expect(due(60n, 1)).to.equal(54n)
    expect(due(30n, 1)).to.equal(25n)
    expect(due(20n, 0)).to.equal(15n)
  })

  it('is so early that by every clock within the skew the vote is in time, and in the second half of the life', () => {
    fc.assert(fc.property(fc.bigInt(0n, 2_592_000n), fc.integer({ min: 0, max: 15 }), (more, skew) => {
      const life = more + BigInt(Math.max(4 * skew, 20))
      const at = due(life, skew)

      expect(2n * at >= life && at <= life - BigInt(2 * skew) && at <= life - 5n && 10n * at <= 9n * life + 9n).to.equal(true)
    }))
  })

  it('is never in the first half of the life, however short that is', () => {
    expect(due(6n, 0)).to.equal(3n)
    expect(due(7n, 10)).to.equal(4n)
  })

  const problem = (firstSeen: bigint, life = 100n, clockSkewSeconds = 0): string | undefined => autoVoteProblem(parsePolicy({ name: 'council', clockSkewSeconds }), times(life), START + firstSeen)

  it('is for proposals that the node has had since the first quarter of their life, by every clock within the skew', () => {
    expect(problem(24n)).to.equal(undefined)
    expect(problem(25n)).to.equal('it reached this node after the first quarter of its life')
    expect(problem(34n, 100n, 10)).to.equal(undefined)
    expect(problem(35n, 100n, 10)).to.equal('it reached this node after the first quarter of its life')
    expect(problem(-10n, 100n, 10)).to.equal(undefined)
    // dated 50 s back with 10 s to go
    expect(problem(50n, 60n, 10)).to.equal('it reached this node after the first quarter of its life')
    expect(problem(200n)).to.equal('it reached this node after the first quarter of its life')
  })

  it('is for proposals that the node has had for a quarter of their life, and 5 seconds, when it comes', () => {
    // due in the 20th of 40 seconds, and 19 of them may have passed by a clock within the skew
    expect(problem(10n, 40n, 10)).to.equal(undefined)
    expect(problem(11n, 40n, 10)).to.equal('it reached this node 9 s before the time of automatic votes, which is too late for a person to read it')
    // due in the 10th of 20 seconds
    expect(problem(5n, 20n, 5)).to.equal(undefined)
    expect(problem(6n, 20n, 5)).to.equal('it reached this node 4 s before the time of automatic votes, which is too late for a person to read it')
  })
})

describe('onSilence', () => {
  const folder = useTempFolder()
  const voters = [newSigner(), newSigner(), newSigner()]
  const policy: ScopePolicyInput = {
    name: 'council',
    onSilence: 'no',
    clockSkewSeconds: 0,
    minLifetimeSeconds: 20,
    defaultTimeoutSeconds: 20,
    voters: voters.map(({ identity }) => identityToAddress(identity))
  }
  /** Seconds after which nodes vote automatically on a proposal by the policy above, which has as many seconds */
  const DUE = 15n
  const LIFE = 20n
  let network: TestNetwork
  let time: { ahead: bigint }
  /** A member that asks, and answers; its own vote is always cast */
  let asked: TestNode

  beforeEach(async () => {
    network = new TestNetwork()
    time = { ahead: 0n }
    asked = await add({ signer: voters[2] })
  })

  afterEach(async () => {
    await network.stop()
  })

  function clock (): bigint {
    return now() + time.ahead
  }

  /** Moves with the clock: time passes, and no process is resumed from a snapshot */
  function monotonic (): number {
    return performance.now() + Number(time.ahead) * 1_000
  }

  async function add (init: TestNodeInit = {}): Promise<TestNode> {
    return network.add({ signer: voters[0], clock, monotonic, syncWait: 300, clockCheckInterval: 20, sync: { maxRequests: 1000 }, ...init })
  }

  async function meet (scope: ScopePolicyInput, ...nodes: TestNode[]): Promise<void> {
    await network.connect(nodes)
    await network.join(scope, nodes)
    await pWaitFor(() => nodes.every(node => scopeOf(node).members.connected().length === nodes.filter(other => other !== node && scopeOf(other).mayVote).length), { timeout: 10_000 })
  }

  /** Sets all clocks to so many seconds after a proposal was made */
  function skipTo (seconds: bigint, { timestamp }: Pick<Proposal, 'timestamp'>): void {
    time.ahead = timestamp + seconds - now()
  }

  /** A proposal on which `asked` has voted yes, and which these nodes know */
  async function propose (...nodes: TestNode[]): Promise<Proposal> {
    const proposal = await asked.voting.propose('council', { name: 'Go?' })

    await asked.voting.vote('council', proposal.proposalId, true)
    await Promise.all(nodes.map(async node => knows(node, proposal)))

    return proposal
  }

  async function knows ({ voting }: TestNode, { proposalId }: Proposal): Promise<void> {
    await pWaitFor(async () => voting.get('council', proposalId).then(() => true, () => false), { timeout: 10_000 })
  }

  /** What the votes of a signer are at a node: yes or no, and when they were cast after the proposal */
  async function votesOf ({ identity }: ConsensusSigner, { voting }: TestNode, { proposalId, timestamp }: Proposal): Promise<Array<[boolean, bigint]>> {
    const { votes } = await voting.get('council', proposalId)

    return votes.filter(({ owner }) => identityToAddress(owner) === identityToAddress(identity)).map(vote => [vote.choice, vote.timestamp - timestamp])
  }

  async function hasVoted (signer: ConsensusSigner, node: TestNode, proposal: Proposal): Promise<void> {
    await pWaitFor(async () => (await votesOf(signer, node, proposal)).length > 0, { timeout: 10_000 })
  }

  /** Waits until a node has done all it is going to do automatically on the proposals whose time has come */
  async function isDone (node: TestNode): Promise<void> {
    await pWaitFor(() => (scopeOf(node) as any).autoVoter.watched.size === 0, { timeout: 10_000 })
  }

  /** Waits until a node says why it does not vote automatically */
  async function problemOf ({ voting }: TestNode, { proposalId }: Proposal, problem: RegExp): Promise<void> {
    await pWaitFor(async () => problem.test((await voting.get('council', proposalId)).autoVote?.problem ?? ''), { timeout: 10_000 })
  }

  /** Waits until a node has tried to vote automatically, and could not */
  async function hasTried (node: TestNode): Promise<void> {
    await pWaitFor(() => [...(scopeOf(node) as any).autoVoter.watched.values()].some(({ problem }) => problem != null), { timeout: 10_000 })
  }

  async function hasFailed ({ voting }: TestNode, { proposalId }: Proposal): Promise<void> {
    await pWaitFor(async () => (await voting.get('council', proposalId)).state === 'failed', { timeout: 20_000 })
  }

  function record <K extends keyof VotingEvents> (type: K, { voting }: TestNode): Array<VotingEvents[K]['detail']> {
    const details: Array<VotingEvents[K]['detail']> = []

    voting.addEventListener(type, ({ detail }: any) => { details.push(detail) })

    return details
  }

  /** Has a node take syncs and say nothing */
  async function mute ({ libp2p }: TestNode): Promise<void> {
    await libp2p.handle(SYNC_PROTOCOL, () => {}, { force: true })
  }

  it('has the nodes of voters who are silent vote, once each, and not before the time', async () => {
    const nodes = [await add(), await add({ signer: voters[1] })]
    await meet(policy, ...nodes, asked)
    const cast = record('voting:auto-vote', nodes[0])
    const decided = new Promise<Decision>(resolve => { asked.voting.addEventListener('voting:decided', ({ detail }) => { resolve(detail) }) })
    const proposal = await propose(...nodes)

    skipTo(DUE - 1n, proposal)
    expect((await nodes[0].voting.get('council', proposal.proposalId)).autoVote).to.deep.equal({ choice: false, dueAt: proposal.timestamp + DUE })
    skipTo(DUE, proposal)
    await expect(decided).to.eventually.include({ state: 'reached', result: false })

    for (const voter of voters.slice(0, 2)) {
      const [[choice, at], ...more] = await votesOf(voter, asked, proposal)

      expect(choice).to.equal(false)
      expect(at >= DUE).to.equal(true)
      expect(more).to.be.empty()
    }

    await pWaitFor(() => cast.length > 0)
    expect(cast).to.deep.equal([{ scope: 'council', proposalId: proposal.proposalId, choice: false }])
    expect((await nodes[0].voting.get('council', proposal.proposalId)).autoVoted).to.equal('this node voted automatically, as the scope\'s policy says (onSilence: no)')
    expect(await votesOf(voters[2], asked, proposal)).to.deep.equal([[true, 0n]])
    expect(await nodes[0].voting.get('council', proposal.proposalId)).to.not.have.property('autoVote')
  })

  it('takes as the side of the silent what the policy says, or what the proposal says', () => {
    const sides = (onSilence: ScopePolicy['onSilence']): boolean[] => [true, false].map(livenessCriteriaYes => sideOf({ onSilence }, { livenessCriteriaYes }))

    expect(sides('yes')).to.deep.equal([true, true])
    expect(sides('no')).to.deep.equal([false, false])
    expect(sides('liveness')).to.deep.equal([true, false])
  })

  it('votes only on what the node has had since the first quarter of its life', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const scope = scopeOf(node)
    const skipped = record('voting:auto-vote-skipped', node)
    const start = { timestamp: clock() }
    const make = (name: string): Proposal => quorumProposal(voters[2], scope.policy, { name, timestamp: start.timestamp, expirationTimestamp: start.timestamp + 100n })
    const gossip = async (proposal: Proposal): Promise<void> => {
      await asked.pubsub.publish(scope.topic, await announce(voters[2], scope.policy, proposal))
      await knows(node, proposal)
    }
    const [early, halfway, late, past] = ['5 %', '30 %', '95 %', 'past'].map(make)

    skipTo(5n, start)
    await gossip(early)
    skipTo(30n, start)
    await gossip(halfway)
    skipTo(90n, start)
    await hasVoted(voters[0], node, early)
    skipTo(95n, start)
    await gossip(late)
    await (node.voting as any).parts.sync.requestAll(scope, scope.peers)
    // nothing is left to be done
    await isDone(node)
    const problems = await Promise.all([halfway, late].map(async ({ proposalId }) => (await node.voting.get('council', proposalId)).autoVote?.problem))
    skipTo(101n, start)
    await know(asked, [await makeSigned(voters[2], scope.policy, past)])
    await (node.voting as any).parts.sync.requestAll(scope, scope.peers)
    await knows(node, past)
    skipTo(200n, start)

    for (const proposal of [early, halfway, late, past]) {
      await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).state !== 'active', { timeout: 10_000 })
      expect(await votesOf(voters[0], node, proposal)).to.have.length(proposal === early ? 1 : 0)
    }

    expect(skipped).to.deep.equal([halfway, late].map(({ proposalId }) => ({ scope: 'council', proposalId, reason: 'it reached this node after the first quarter of its life' })))
    expect(problems).to.deep.equal(new Array(2).fill('it reached this node after the first quarter of its life'))
    expect(scope.missedAutoVotes).to.be.empty()
  })

  it('goes by the node\'s own clock, in a scope of the crate\'s rules as well', async () => {
    const ahead = await add({ clock: () => clock() + 14n })
    await meet({ ...policy, decisionRule: 'reference', onSilence: 'yes', clockSkewSeconds: 5 }, ahead, asked)
    const long = await asked.voting.propose('council', { name: 'Go?', timeoutSeconds: 100 })
    await asked.voting.vote('council', long.proposalId, true)
    await knows(ahead, long)

    // due in the 90th of 100 seconds
    skipTo(76n, long)
    await hasVoted(voters[0], asked, long)
    const [[choice, at]] = await votesOf(voters[0], asked, long)
    expect(choice).to.equal(true)
    expect(at >= 90n).to.equal(true)
    expect(clock() < long.timestamp + 90n).to.equal(true)
  })

  it('leaves alone what its operator has voted on', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose(node)
    await node.voting.vote('council', proposal.proposalId, true)

    skipTo(DUE + 1n, proposal)
    await isDone(node)
    await hasVoted(voters[0], asked, proposal)
    expect(await votesOf(voters[0], node, proposal)).to.have.length(1)
    expect((await asked.voting.get('council', proposal.proposalId)).tally).to.deep.equal({ yes: 2, no: 0 })
  })

  it('tells an operator who comes later that the node has voted automatically', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose(node)
    skipTo(DUE, proposal)
    await hasVoted(voters[0], asked, proposal)

    for (const choice of [true, false]) {
      await expect(node.voting.vote('council', proposal.proposalId, choice)).to.eventually.be.rejectedWith(/has voted no already: this node voted automatically, as the scope's policy says \(onSilence: no\) \(scope "council", proposal/)
        .with.property('name', 'UserAlreadyVotedError')
    }
  })

  it('does not blame the policy for what the operator has voted', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose(node)
    await node.voting.vote('council', proposal.proposalId, false)

    await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith(/has voted no already \(scope/)
  })

  /** A signer that signs when it is let, and what it has been given to sign but for member proofs */
  function slowSigner (): { signer: ConsensusSigner, payloads: Uint8Array[], go (): void } {
    const gate = pDefer()
    const payloads: Uint8Array[] = []

    return {
      payloads,
      go: () => { gate.resolve() },
      signer: {
        identity: voters[0].identity,
        sign: async payload => {
          if (!isMemberText(payload)) {
            payloads.push(payload)
            await gate.promise
          }

          return voters[0].sign(payload)
        }
      }
    }
  }

  it('signs nothing but the operator\'s vote where that is being signed at the time', async () => {
    const { signer, payloads, go } = slowSigner()
    const node = await add({ signer })
    await meet(policy, node, asked)
    const proposal = await propose(node)
    const voted = node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(() => payloads.length === 1)

    skipTo(DUE + 1n, proposal)
    await problemOf(node, proposal, /an earlier vote on it binds this node's key and was not completed/)
    go()
    await expect(voted).to.eventually.have.property('vote', true)
    expect(payloads).to.have.length(1)
    expect(await votesOf(voters[0], node, proposal)).to.have.length(1)
  })

  it('binds the operator while the node\'s own vote is being signed', async () => {
    const { signer, payloads, go } = slowSigner()
    const node = await add({ signer })
    await meet(policy, node, asked)
    const proposal = await propose(node)
    skipTo(DUE, proposal)
    await pWaitFor(() => payloads.length === 1, { timeout: 10_000 })

    const voted = node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(() => payloads.length === 2)
    go()
    await expect(voted).to.eventually.be.rejectedWith(/: this node (seems to have )?voted automatically/).with.property('name', 'UserAlreadyVotedError')
    expect(payloads[1]).to.deep.equal(payloads[0])
    expect((await votesOf(voters[0], node, proposal)).map(([choice]) => choice)).to.deep.equal([false])
  })

  it('asks a member first what this key has voted, and votes when one comes while there is time', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose(node)
    await asked.libp2p.stop()

    skipTo(DUE, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).autoVote?.problem != null, { timeout: 10_000 })
    expect(await votesOf(voters[0], node, proposal)).to.be.empty()

    await asked.libp2p.start()
    await network.connect([node, asked])
    await hasVoted(voters[0], node, proposal)
    expect(scopeOf(node).missedAutoVotes).to.be.empty()
  })

  it('takes no answer of a stranger for that of a member', async () => {
    const node = await add()
    const stranger = await add({ signer: newSigner() })
    await meet(policy, node, stranger, asked)
    const missed = record('voting:auto-vote-missed', node)
    const proposal = await propose(node, stranger)
    await asked.libp2p.stop()

    skipTo(DUE, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).autoVote?.problem != null, { timeout: 10_000 })
    const { sync } = (node.voting as any).parts
    const { completed } = sync.stats
    await sync.requestAll(scopeOf(node), [stranger.libp2p.peerId])
    expect(sync.stats.completed > completed).to.equal(true)
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })
    expect(await votesOf(voters[0], node, proposal)).to.be.empty()
  })

  it('says in every place that it could not vote where no member has answered', async () => {
    const metrics = new RecordedMetrics()
    const node = await add({ metrics })
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    const proposal = await propose(node)
    const { proposalId } = proposal
    const reason = 'no member has answered since the vote was due, so that this key may have voted elsewhere'
    await mute(asked)

    skipTo(DUE, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposalId)).autoVote?.problem != null, { timeout: 10_000 })
    expect(missed).to.be.empty()
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })

    expect(missed).to.deep.equal([{ scope: 'council', proposalId, reason }])
    expect(scopeOf(node).missedAutoVotes).to.deep.equal([{ proposalId, name: 'Go?', reason }])
    expect((await node.voting.get('council', proposalId)).autoVote).to.deep.equal({ choice: false, dueAt: proposal.timestamp + DUE, problem: reason })
    expect(metrics.get('libp2p_voting_auto_votes_total{missed}')).to.equal(1)
    expect(await votesOf(voters[0], node, proposal)).to.be.empty()
  })

  it('says so after a restart as well, for as long as the scope is there', async () => {
    const location = join(folder.path, 'store')
    let storage = await LevelStorage.open(location)
    const node = await add({ storage })
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    const proposal = await propose(node)
    const { proposalId } = proposal
    await mute(asked)

    skipTo(LIFE - 1n, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposalId)).autoVote?.problem != null, { timeout: 10_000 })
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })

    const before = scopeOf(node).missedAutoVotes

    expect(before).to.have.length(1)
    await node.libp2p.stop()
    await storage.close()
    storage = await LevelStorage.open(location)

    const again = await add({ storage })

    expect(scopeOf(again).missedAutoVotes).to.deep.equal(before)
    expect((await again.voting.get('council', proposalId)).autoVote?.problem).to.equal(before[0].reason)
    await again.libp2p.stop()
    await storage.close()
  })

  ;(['quorum', 'reference'] as const).forEach(decisionRule => {
    it(`says in every place that it could not vote where it was restored and too few members can be asked, under ${decisionRule}`, async () => {
      const council = { ...policy, decisionRule }
      await asked.voting.join(council)
      const proposal = await asked.voting.propose('council', { name: 'Go?', timeoutSeconds: 100 })
      const { proposalId } = proposal
      const metrics = new RecordedMetrics()
      // the key was not made here
      const node = await add({ metrics, brought: true, voteLock: new FileVoteLock(join(folder.path, 'locks')) })
      const missed = record('voting:auto-vote-missed', node)
      await meet(council, node, asked)
      await knows(node, proposal)

      await problemOf(node, proposal, /^This node was restored at .* once the nodes of 2 other voters have told what they know/)
      skipTo(90n, proposal)
      await hasTried(node)
      await problemOf(node, proposal, /^This node was restored at .*; 1 has: 0x\w{4}…\w{4}\. Not connected: 0x/)
      expect(missed).to.be.empty()
      skipTo(100n, proposal)
      await pWaitFor(() => missed.length === 1, { timeout: 10_000 })

      const [{ reason }] = missed
      expect(reason).to.match(/^This node was restored at .*; 1 has: 0x\w{4}…\w{4}\. Not connected: 0x/)
      expect(scopeOf(node).missedAutoVotes).to.deep.equal([{ proposalId, name: 'Go?', reason }])
      expect(metrics.get('libp2p_voting_auto_votes_total{missed}')).to.equal(1)
      expect(await votesOf(voters[0], node, proposal)).to.be.empty()

      if (decisionRule === 'quorum') {
        skipTo(400n, proposal)
        await hasFailed(node, proposal)
        expect((await node.voting.get('council', proposalId)).autoVote).to.deep.include({ choice: false, problem: reason })
      }
    })
  })

  it('votes automatically though it was restored, where enough members are connected', async () => {
    const others = [asked, await add({ signer: voters[1] })]
    await meet(policy, ...others)
    const proposal = await propose(others[1])
    const node = await add({ brought: true, voteLock: new FileVoteLock(join(folder.path, 'locks')) })
    await meet(policy, node, ...others)
    await knows(node, proposal)
    expect((await node.voting.get('council', proposal.proposalId)).autoVote).to.deep.equal({ choice: false, dueAt: proposal.timestamp + DUE })

    skipTo(DUE, proposal)
    await hasVoted(voters[0], asked, proposal)
  })

  it('says that a vote which was never completed binds its key, and that its own was missed', async () => {
    let isBroken = true
    const signer: ConsensusSigner = { identity: voters[0].identity, sign: async payload => isMemberText(payload) || !isBroken ? voters[0].sign(payload) : Promise.reject(new Error('the key cannot be read')) }
    const node = await add({ signer })
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    const proposal = await propose(node)
    await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith('the key cannot be read')

    await problemOf(node, proposal, /^an earlier vote on it binds this node's key and was not completed/)
    skipTo(DUE, proposal)
    isBroken = false
    await hasTried(node)
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })
    expect(missed[0].reason).to.match(/^an earlier vote on it binds this node's key and was not completed/)
  })

  it('tries again where the signer fails, and says what was wrong if it never works', async () => {
    let failures = 0
    let broken = 1
    const signer: ConsensusSigner = { identity: voters[0].identity, sign: async payload => isMemberText(payload) || failures++ >= broken ? voters[0].sign(payload) : Promise.reject(new Error('the key cannot be read')) }
    const node = await add({ signer })
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    let proposal = await propose(node)
    skipTo(DUE, proposal)
    await problemOf(node, proposal, /^the vote could not be cast: the key cannot be read/)
    skipTo(DUE + 3n, proposal)
    await hasVoted(voters[0], asked, proposal)
    expect(missed).to.be.empty()

    broken = Infinity
    proposal = await propose(node)
    skipTo(DUE, proposal)
    await problemOf(node, proposal, /^the vote could not be cast: the key cannot be read/)
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })
    expect(missed[0].reason).to.equal('the vote could not be cast: the key cannot be read')
  })

  it('says before the time that the vote locks cannot be used, and afterwards that the vote was missed', async () => {
    const locks = join(folder.path, 'locks')
    const node = await add({ voteLock: new FileVoteLock(locks) })
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    const proposal = await propose(node)
    await rm(locks, { recursive: true })
    await writeFile(locks, 'no folder')

    await problemOf(node, proposal, /ENOTDIR/)
    skipTo(DUE, proposal)
    await hasTried(node)
    skipTo(LIFE, proposal)
    await pWaitFor(() => missed.length === 1, { timeout: 10_000 })
    expect(missed[0].reason).to.match(/ENOTDIR/)
  })

  it('says that it did not vote where it did not run from the time until the deadline', async () => {
    const storage = await LevelStorage.open(join(folder.path, 'store'))
    let node = await add({ storage })
    await meet(policy, node, asked)
    const proposal = await propose(node)
    await node.libp2p.stop()
    skipTo(LIFE, proposal)

    node = await add({ storage, start: false })
    const missed = record('voting:auto-vote-missed', node)
    await node.libp2p.start()
    await network.connect([node, asked])
    await pWaitFor(async () => {
      time.ahead++
      return missed.length === 1
    }, { timeout: 10_000 })
    expect(missed[0].reason).to.equal('this node did not run, or was not in the scope, when the vote was due')
    await network.stop()
    await storage.close()
  })

  it('misses nothing where the operator votes while no member answers', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const missed = record('voting:auto-vote-missed', node)
    time.ahead += 5n
    const proposal = await propose(node)
    await mute(asked)
    skipTo(DUE, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).autoVote?.problem != null, { timeout: 10_000 })
    await node.voting.vote('council', proposal.proposalId, true)

    skipTo(LIFE, proposal)
    await isDone(node)
    expect(missed).to.be.empty()
    expect(await node.voting.get('council', proposal.proposalId)).to.not.have.property('autoVote')
  })

  describe('in a scope of the crate\'s rules', () => {
    const reference: ScopePolicyInput = { ...policy, decisionRule: 'reference' }

    it('votes without an answer on what this process has heard of live, where nobody can be asked', async () => {
      const node = await add()
      await meet(reference, node, asked)
      time.ahead += 5n
      const proposal = await propose(node)
      await asked.libp2p.stop()

      skipTo(DUE, proposal)
      await hasVoted(voters[0], node, proposal)
    })

    it('waits for the answer of a member that is connected', async () => {
      const node = await add()
      await meet(reference, node, asked)
      time.ahead += 5n
      const proposal = await propose(node)
      await mute(asked)

      skipTo(DUE, proposal)
      await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).autoVote?.problem != null, { timeout: 10_000 })
      expect(await votesOf(voters[0], node, proposal)).to.be.empty()
    })

    it('does not vote on what is older than the process where nobody can be asked, and says so', async () => {
      const storage = await LevelStorage.open(join(folder.path, 'store'))
      let node = await add({ storage })
      await meet(reference, node, asked)
      const proposal = await propose(node)
      await asked.libp2p.stop()
      await node.libp2p.stop()
      node = await add({ storage })
      const missed = record('voting:auto-vote-missed', node)

      skipTo(DUE, proposal)
      await hasTried(node)
      skipTo(LIFE, proposal)
      await pWaitFor(() => missed.length === 1, { timeout: 10_000 })
      expect(missed[0].reason).to.include('may be older than this process')
      expect(await votesOf(voters[0], node, proposal)).to.be.empty()
      await network.stop()
      await storage.close()
    })
  })

  it('needs nobody where there is one voter', async () => {
    const node = await add()
    await node.voting.join({ ...policy, voters: [identityToAddress(voters[0].identity)] })
    const proposal = await node.voting.propose('council', { name: 'Go?' })
    skipTo(DUE, proposal)

    await expect(node.voting.decision('council', proposal.proposalId)).to.eventually.include({ state: 'reached', result: false })
  })

  it('is nothing for nodes that may not vote', async () => {
    const nodes = [await add({ signer: newSigner() }), await add({ keyless: true })]
    const voter = await add()
    await meet(policy, ...nodes, voter, asked)
    const proposal = await propose(...nodes, voter)

    skipTo(DUE, proposal)
    await hasVoted(voters[0], asked, proposal)

    for (const node of nodes) {
      await isDone(node)
      expect(await node.voting.get('council', proposal.proposalId)).to.not.have.property('autoVote')
    }

    expect((await asked.voting.get('council', proposal.proposalId)).tally).to.deep.equal({ yes: 1, no: 1 })
  })

  it('is nothing in a scope that has been left', async () => {
    const node = await add()
    const { key, autoVoter } = await node.voting.join({ ...policy, voters: [identityToAddress(voters[0].identity)] }) as LiveScope
    const proposal = await node.voting.propose('council', { name: 'Go?' })
    await node.voting.leave('council')

    skipTo(DUE, proposal)
    expect((autoVoter as any).due.size).to.equal(0)
    expect(await node.voting.consensus.storage.getSession(key, proposal.proposalId)).to.have.property('voteCount', 0)
  })

  it('is made up for by a node that was down at the time, and done once though it is started again', async () => {
    let storage: LevelStorage
    const start = async (): Promise<TestNode> => {
      storage = await LevelStorage.open(join(folder.path, 'store'))

      return add({ storage })
    }
    const stop = async (node: TestNode): Promise<void> => {
      await node.libp2p.stop()
      network.nodes.splice(network.nodes.indexOf(node), 1)
      await storage.close()
    }

    let node = await start()
    await meet(policy, node, asked)
    const proposal = await propose(node)
    await stop(node)

    skipTo(DUE, proposal)
    node = await start()
    await network.connect([node, asked])
    await hasVoted(voters[0], asked, proposal)
    await stop(node)

    node = await start()
    await network.connect([node, asked])
    await pWaitFor(() => (node.voting as any).parts.sync.hasCompleted(scopeOf(node)), { timeout: 10_000 })
    const [[choice, at], ...more] = await votesOf(voters[0], asked, proposal)
    expect(choice).to.equal(false)
    expect(at >= DUE).to.equal(true)
    expect(more).to.be.empty()
    await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith(/this node seems to have voted automatically, as the scope's policy says/)
    await stop(node)
  })

  it('tries again where the vote could not be stored', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const { consensus } = node.voting
    const castVote = consensus.castVote.bind(consensus)
    let failures = 0

    consensus.castVote = async (...args): Promise<Vote> => {
      if (failures++ === 0) {
        throw new Error('the disk is full')
      }

      return castVote(...args)
    }

    const proposal = await propose(node)
    skipTo(DUE, proposal)
    await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).autoVote?.problem === 'the vote could not be cast: the disk is full', { timeout: 10_000 })
    skipTo(DUE + 3n, proposal)
    await hasVoted(voters[0], asked, proposal)
    expect(failures).to.equal(2)
    expect(scopeOf(node).missedAutoVotes).to.be.empty()
  })
})
