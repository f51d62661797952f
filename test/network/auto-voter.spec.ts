import { join } from 'node:path'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { parsePolicy } from '../../src/consensus/policy.ts'
import { autoVoteDueAt } from '../../src/network/rules.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { LevelStorage } from '../../src/storage/level.ts'
import { isMemberText, now } from '../utils/messages.ts'
import { TestNetwork } from '../utils/nodes.ts'
import { scopeOf } from '../utils/sync.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { newSigner } from './quorum/fixture.ts'
import type { ConsensusSigner, Decision, Proposal, ScopePolicyInput, Vote } from '../../src/index.ts'
import type { JoinedScope } from '../../src/network/scope.ts'
import type { TestNode, TestNodeInit } from '../utils/nodes.ts'

describe('when a node votes by itself', () => {
  const due = (life: bigint, clockSkewSeconds: number): bigint => autoVoteDueAt(parsePolicy({ name: 'council', clockSkewSeconds }), { timestamp: 1_000n, expirationTimestamp: 1_000n + life }) - 1_000n

  it('is twice the skew before the end, at least 5 seconds, or at nine tenths of the life if that is earlier', () => {
    expect(due(60n, 10)).to.equal(40n)
    expect(due(600n, 10)).to.equal(540n)
    expect(due(200n, 10)).to.equal(180n)
    expect(due(60n, 1)).to.equal(54n)
    expect(due(30n, 1)).to.equal(25n)
    expect(due(30n, 0)).to.equal(25n)
    expect(due(6n, 0)).to.equal(1n)
  })

  it('is so early that by every clock within the skew the vote is in time', () => {
    fc.assert(fc.property(fc.bigInt(31n, 2_592_000n), fc.integer({ min: 0, max: 15 }), (life, skew) => {
      const at = due(life, skew)

      expect(at >= 0n && at <= life - BigInt(2 * skew) && at <= life - 5n && 10n * at <= 9n * life).to.equal(true)
    }))
  })
})

describe('onSilence', () => {
  const folder = useTempFolder()
  const voters = [newSigner(), newSigner(), newSigner()]
  const policy: ScopePolicyInput = {
    name: 'council',
    onSilence: 'no',
    clockSkewSeconds: 0,
    minLifetimeSeconds: 6,
    voters: voters.map(({ identity }) => identityToAddress(identity))
  }
  /** Seconds after which nodes vote by themselves on a proposal of the time below, by the policy above */
  const DUE = 1n
  const LIFE = 6
  let network: TestNetwork
  let asked: TestNode

  beforeEach(async () => {
    network = new TestNetwork()
    // who only asks, and is asked
    asked = await network.add({ signer: voters[2], sync: { maxRequests: 1000 } })
  })

  afterEach(async () => {
    await network.stop()
  })

  async function add (init: TestNodeInit = {}): Promise<TestNode> {
    return network.add({ signer: voters[0], sync: { maxRequests: 1000 }, ...init })
  }

  async function meet (scope: ScopePolicyInput, ...nodes: TestNode[]): Promise<void> {
    await network.connect(nodes)
    await network.join(scope, nodes)
  }

  /** A proposal on which `asked` has voted */
  async function propose (timeoutSeconds = LIFE): Promise<Proposal> {
    const proposal = await asked.voting.propose('council', { name: 'Go?', timeoutSeconds })

    await asked.voting.vote('council', proposal.proposalId, true)

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

  async function passes (seconds: bigint, { timestamp }: Proposal): Promise<void> {
    await pWaitFor(() => now() >= timestamp + seconds, { timeout: 20_000 })
  }

  it('has the nodes of voters who are silent vote, once each, and not before the time', async () => {
    const nodes = [await add(), await add({ signer: voters[1] }), asked]
    await meet(policy, ...nodes)
    const decided = new Promise<Decision>(resolve => { asked.voting.addEventListener('voting:decided', ({ detail }) => { resolve(detail) }) })
    const proposal = await propose()

    await expect(decided).to.eventually.include({ state: 'reached', result: false })

    for (const voter of voters.slice(0, 2)) {
      const [[choice, at], ...more] = await votesOf(voter, asked, proposal)

      expect(choice).to.equal(false)
      expect(at >= DUE).to.equal(true)
      expect(more).to.be.empty()
    }

    expect(await votesOf(voters[2], asked, proposal)).to.deep.equal([[true, 0n]])
  })

  it('goes by the node\'s own clock, in a scope of the crate\'s rules as well', async () => {
    const time = { ahead: 0n }
    const node = await add({ clock: () => now() + time.ahead })
    await meet({ ...policy, decisionRule: 'reference', onSilence: 'yes' }, node, asked)
    // due in the 25th of 30 seconds
    time.ahead = 24n
    const proposal = await propose(30)

    await pWaitFor(async () => (await votesOf(voters[0], asked, proposal)).length > 0, { timeout: 10_000 })
    const [[choice, at]] = await votesOf(voters[0], asked, proposal)
    expect(choice).to.equal(true)
    expect(at >= 25n).to.equal(true)
    expect(now() < proposal.timestamp + 25n).to.equal(true)
  })

  it('leaves alone what its operator has voted on', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose()
    await knows(node, proposal)
    await node.voting.vote('council', proposal.proposalId, true)

    await passes(DUE + 1n, proposal)
    expect(await votesOf(voters[0], asked, proposal)).to.have.length(1)
    expect((await asked.voting.get('council', proposal.proposalId)).tally).to.deep.equal({ yes: 2, no: 0 })
  })

  it('tells an operator who comes later that the node has voted by itself', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose()
    await pWaitFor(async () => (await votesOf(voters[0], asked, proposal)).length > 0, { timeout: 10_000 })

    for (const choice of [true, false]) {
      await expect(node.voting.vote('council', proposal.proposalId, choice)).to.eventually.be.rejectedWith(/has voted no already: this node voted by itself, as the scope's policy says \(onSilence: no\) \(scope "council", proposal/)
        .with.property('name', 'UserAlreadyVotedError')
    }
  })

  it('does not blame the policy for what the operator has voted', async () => {
    const node = await add()
    await meet(policy, node, asked)
    const proposal = await propose()
    await knows(node, proposal)
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
    const proposal = await propose()
    await knows(node, proposal)
    const voted = node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(() => payloads.length === 1)

    await passes(DUE + 1n, proposal)
    go()
    await expect(voted).to.eventually.have.property('vote', true)
    expect(payloads).to.have.length(1)
    expect(await votesOf(voters[0], node, proposal)).to.have.length(1)
  })

  it('binds the operator while the node\'s own vote is being signed', async () => {
    const { signer, payloads, go } = slowSigner()
    const node = await add({ signer })
    await meet(policy, node, asked)
    const proposal = await propose()
    await pWaitFor(() => payloads.length === 1, { timeout: 10_000 })

    const voted = node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(() => payloads.length === 2)
    go()
    await expect(voted).to.eventually.be.rejectedWith(/: this node (seems to have )?voted by itself/).with.property('name', 'UserAlreadyVotedError')
    expect(payloads[1]).to.deep.equal(payloads[0])
    expect((await votesOf(voters[0], node, proposal)).map(([choice]) => choice)).to.deep.equal([false])
  })

  it('asks a member first what this key has voted, and does not vote while nobody is there', async () => {
    const node = await add()
    await meet({ ...policy, minLifetimeSeconds: 10 }, node, asked)
    const proposal = await propose(10)
    await knows(node, proposal)
    await asked.libp2p.stop()

    // due in the 5th second, and well over it
    await passes(7n, proposal)
    expect(await votesOf(voters[0], node, proposal)).to.be.empty()

    await asked.libp2p.start()
    await network.connect([node, asked])
    await pWaitFor(async () => (await votesOf(voters[0], node, proposal)).length > 0, { timeout: 10_000 })
  })

  it('needs nobody where there is one voter', async () => {
    const node = await add()
    await node.voting.join({ ...policy, voters: [identityToAddress(voters[0].identity)] })
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: LIFE })

    await expect(node.voting.decision('council', proposalId)).to.eventually.include({ state: 'reached', result: false })
  })

  it('is nothing for nodes that may not vote', async () => {
    const nodes = [await add({ signer: newSigner() }), await add({ keyless: true })]
    await meet(policy, ...nodes, asked)
    const proposal = await propose()
    await Promise.all(nodes.map(async node => knows(node, proposal)))

    await passes(DUE + 2n, proposal)
    expect((await asked.voting.get('council', proposal.proposalId)).tally).to.deep.equal({ yes: 1, no: 0 })
  })

  it('is nothing in a scope that has been left', async () => {
    const node = await add()
    const { key } = await node.voting.join({ ...policy, voters: [identityToAddress(voters[0].identity)] }) as JoinedScope
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: LIFE })
    await node.voting.leave('council')

    await passes(DUE + 2n, proposal)
    expect(await node.voting.consensus.storage.getSession(key, proposal.proposalId)).to.have.property('voteCount', 0)
  })

  it('is made up for by a node that was down at the time, and done once though it is started again', async () => {
    const long: ScopePolicyInput = { ...policy, minLifetimeSeconds: 60 }
    let storage: LevelStorage
    let ahead = 0n
    const start = async (): Promise<TestNode> => {
      storage = await LevelStorage.open(join(folder.path, 'store'))

      return add({ storage, clock: () => now() + ahead })
    }
    const stop = async (node: TestNode): Promise<void> => {
      await node.libp2p.stop()
      network.nodes.splice(network.nodes.indexOf(node), 1)
      await storage.close()
    }

    let node = await start()
    await meet(long, node, asked)
    const proposal = await propose(60)
    await knows(node, proposal)
    await stop(node)

    // due in the 54th of 60 seconds
    ahead = 54n
    node = await start()
    await network.connect([node, asked])
    await pWaitFor(async () => (await votesOf(voters[0], asked, proposal)).length > 0, { timeout: 10_000 })
    await stop(node)

    node = await start()
    await network.connect([node, asked])
    await pWaitFor(() => (node.voting as any).sync.hasCompleted(scopeOf(node)), { timeout: 10_000 })
    const [[choice, at], ...more] = await votesOf(voters[0], asked, proposal)
    expect(choice).to.equal(false)
    expect(at >= 54n).to.equal(true)
    expect(more).to.be.empty()
    await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith(/this node seems to have voted by itself, as the scope's policy says/)
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

    const proposal = await propose()
    await pWaitFor(async () => (await votesOf(voters[0], asked, proposal)).length > 0, { timeout: 20_000 })
    expect(failures).to.equal(2)
  })
})
