/**
 * Votes that a member gets together: on one page of a sync, in a certificate, or from those that waited for their proposal.
 */

import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { announce, now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, certificateFile, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { Fixture, newSigner, START } from './fixture.ts'
import type { Proposal, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { Validator } from '../../../src/network/validation/validator.ts'

describe('votes that a member gets together', function () {
  this.timeout(60_000)

  const fixture = new Fixture()

  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  function validator (): Validator {
    return (fixture.node.voting as any).parts.validator
  }

  function propose (scope: JoinedScope): Proposal {
    return quorumProposal(fixture.voter, scope.policy, { timestamp: START, expectedVotersCount: 4 })
  }

  /** Three votes for each side of four voters, of whom two have voted both ways */
  async function twoQuorums (scope: JoinedScope, proposal: Proposal): Promise<Vote[]> {
    const { voter, other, cheat, node: { signer } } = fixture
    const vote = async (choice: boolean) => async (of: typeof voter): Promise<Vote> => boundVote(of, scope.policy, proposal, choice)

    return [
      ...await Promise.all([voter, other, cheat].map(await vote(true))),
      ...await Promise.all([other, cheat, signer].map(await vote(false)))
    ]
  }

  it('are a conflict where they waited for their proposal', async () => {
    const scope = await fixture.join()
    const proposal = propose(scope)

    for (const vote of await twoQuorums(scope, proposal)) {
      expect(await fixture.deliver(scope, encodeVoteGossip(vote))).to.equal('accept')
    }

    await fixture.deliver(scope, await announce(fixture.voter, scope.policy, proposal))
    expect(await fixture.node.voting.get(scope.name, proposal.proposalId)).to.deep.include({ state: 'conflict', tally: { yes: 3, no: 3, doubles: 2 } })
  })

  it('are stored in one step where a certificate brings them', async () => {
    const scope = await fixture.join()
    const proposal = propose(scope)
    const { voter, other, cheat, node: { voting } } = fixture
    const { storage } = voting.consensus
    const { appendVote } = storage
    const counts: Array<number | undefined> = []

    await fixture.deliver(scope, await announce(voter, scope.policy, proposal))

    try {
      storage.appendVote = async (scope, session, options) => {
        counts.push(options?.count)

        return appendVote.call(storage, scope, session, options)
      }
      expect(await voting.importProof(await certificateFile(voter, scope.policy, proposal, [voter, other, cheat]))).to.include({ isNew: true })
    } finally {
      storage.appendVote = appendVote
    }

    expect(counts).to.deep.equal([3])
    expect(await voting.get(scope.name, proposal.proposalId)).to.include({ state: 'reached', result: true })
  })

  it('are verified some at a time, and no more after one that is forged, which costs those before it nothing', async () => {
    const signers = Array.from({ length: 150 }, newSigner)
    const { node, voter } = fixture
    const scope = await fixture.join({ voters: [node.signer, voter, ...signers].map(({ identity }) => identityToAddress(identity)) })
    const proposal = quorumProposal(voter, scope.policy, { timestamp: START, expectedVotersCount: 152 })
    const votes = await Promise.all(signers.map(async signer => boundVote(signer, scope.policy, proposal, true)))
    const { scheme } = (validator() as any).votes.init
    const { verify } = scheme
    const checks: Array<ReturnType<typeof pDefer<boolean>>> = []

    await fixture.deliver(scope, await announce(voter, scope.policy, proposal))

    try {
      scheme.verify = async () => {
        const check = pDefer<boolean>()

        checks.push(check)

        return check.promise
      }

      const validated = validator().takeInLateVotes(scope, proposal.proposalId, votes)

      await pWaitFor(() => checks.length === 128)
      checks[0].resolve(true)
      await pWaitFor(() => checks.length === 129)
      checks[7].resolve(false)
      checks.forEach(({ resolve }) => { resolve(true) })

      const results = await validated

      expect(checks).to.have.length(129)
      expect(results).to.have.length(129)
      expect(results.filter(result => result !== 'new')).to.deep.equal(['invalid'])
      expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 128, no: 0 })
    } finally {
      scheme.verify = verify
    }
  })

  it('make no more double voters than there may be in an open scope', async () => {
    const scope = await fixture.join({ voters: null })
    const proposal = quorumProposal(fixture.voter, scope.policy, { timestamp: START, expectedVotersCount: 20 })
    const votes = await Promise.all(Array.from({ length: 15 }, newSigner).flatMap(signer => [true, false].map(async choice => boundVote(signer, scope.policy, proposal, choice))))

    await fixture.deliver(scope, await announce(fixture.voter, scope.policy, proposal))

    const results = await validator().takeInLateVotes(scope, proposal.proposalId, votes)

    expect(results.filter(result => result === 'new')).to.have.length(25)
    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.include({ doubles: 10 })
  })
})

describe('a page of a sync with two quorums', function () {
  this.timeout(60_000)

  const network = new TestNetwork()

  after(async () => { await network.stop() })

  it('is a conflict at the member that gets it, which names those who made it possible', async () => {
    const [early, late] = [await network.add(), await network.add()]
    const voters = [early.signer, late.signer, newSigner(), newSigner()]
    const policy = { name: 'council', minLifetimeSeconds: 1, voters: voters.map(({ identity }) => identityToAddress(identity)) }

    await early.voting.join(policy)

    const scope = scopeOf(early)
    const proposal = quorumProposal(early.signer, scope.policy, { timestamp: now(), expectedVotersCount: 4 })
    const votes = await Promise.all([[0, true], [2, true], [3, true], [1, false], [2, false], [3, false]].map(async ([voter, choice]) => boundVote(voters[voter as number], scope.policy, proposal, choice as boolean)))

    await know(early, [{ proposal, signature: await early.signer.sign(announcementDigest(scope.policy, proposal)) }], votes)
    expect(await early.voting.get('council', proposal.proposalId)).to.include({ state: 'reached', result: true, contradicted: true })

    const told: any[] = []

    late.voting.addEventListener('voting:conflict', ({ detail }) => { told.push(detail) })
    late.voting.addEventListener('voting:decided', ({ detail }) => { told.push(detail) })
    await late.voting.join(policy)
    await network.connect()
    await pWaitFor(() => told.length > 0, { timeout: 30_000 })

    expect(told).to.have.length(1)
    expect(told[0].culprits).to.have.deep.members(voters.slice(2).map(({ identity }) => identity))
    expect(await late.voting.get('council', proposal.proposalId)).to.deep.include({ state: 'conflict', tally: { yes: 3, no: 3, doubles: 2 } })
  })
})
