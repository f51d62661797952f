import { expect } from 'aegir/chai'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { MAX_PAYLOAD_LENGTH } from '../../../src/consensus/policy/scope-rules.ts'
import { MAX_PAST_LENGTH_OPEN, PAST_SECONDS } from '../../../src/network/gossip/limits.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { Fixture, newSigner, START } from '../quorum/fixture.ts'
import type { ConsensusSigner, Proposal, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { IntakeResult } from '../../../src/network/sync/intake.ts'
import type { Validator } from '../../../src/network/validation/validator.ts'

const PEER = 'a peer'

describe('proposals past their deadline that come by sync', function () {
  this.timeout(60_000)

  const fixture = new Fixture()
  const { voter, stranger } = fixture

  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  function past (scope: JoinedScope, owner: ConsensusSigner, changes: Partial<Proposal> = {}): Proposal {
    return quorumProposal(owner, scope.policy, { timestamp: START - 10_000n, expectedVotersCount: scope.policy.voters?.length ?? 2, ...changes })
  }

  async function take (scope: JoinedScope, owner: ConsensusSigner, proposal: Proposal, votes: Vote[] = [], peer = PEER): Promise<IntakeResult> {
    const { parts: { validator } } = fixture.node.voting as unknown as { parts: { validator: Validator } }
    const signature = await owner.sign(announcementDigest(scope.policy, proposal))

    return validator.takeInLateProposal(scope, { proposal, signature }, { peer, votes })
  }

  it('are taken in an open scope if a valid vote comes along', async () => {
    const scope = await fixture.join({ voters: null })
    const proposal = past(scope, stranger)
    const vote = await boundVote(voter, scope.policy, proposal, true)
    const other = past(scope, stranger, { name: 'Other' })

    expect(await take(scope, stranger, proposal)).to.equal('refused')
    expect(await take(scope, stranger, proposal, [{ ...vote, signature: new Uint8Array(65) }])).to.equal('refused')
    expect(await take(scope, stranger, proposal, [await boundVote(voter, scope.policy, other, true, { proposalId: proposal.proposalId })])).to.equal('refused')
    expect(await take(scope, stranger, proposal, [vote])).to.equal('new')
    // one that takes votes may get them yet
    expect(await take(scope, stranger, past(scope, stranger, { timestamp: START }))).to.equal('new')
  })

  it('are taken in a scope with voters though nobody has voted', async () => {
    const scope = await fixture.join()

    expect(await take(scope, voter, past(scope, voter))).to.equal('new')
  })

  it('are taken of a peer up to so many bytes in ten minutes, whoever has made them', async () => {
    const scope = await fixture.join({ voters: null })
    const count = MAX_PAST_LENGTH_OPEN / MAX_PAYLOAD_LENGTH
    const takeNext = async (name: string, peer?: string, changes: Partial<Proposal> = {}): Promise<IntakeResult> => {
      const owner = newSigner()
      // ends at once, so that no room is short
      const proposal = past(scope, owner, { name, expectedVotersCount: 1, payload: new Uint8Array(MAX_PAYLOAD_LENGTH), ...changes })
      const vote = await boundVote(owner, scope.policy, proposal, true)
      const result = await take(scope, owner, proposal, [vote], peer)

      if (result === 'new') {
        await fixture.node.voting.consensus.processIncomingVote(scope.key, vote, { late: true })
      }

      return result
    }

    for (let index = 0; index < count; index++) {
      expect(await takeNext(`${index}`)).to.equal('new')
    }

    expect(await takeNext('one more')).to.equal('refused')
    expect(await takeNext('of another', 'another peer')).to.equal('new')

    fixture.time.now += BigInt(PAST_SECONDS)
    expect(await takeNext('later')).to.equal('new')
  })

  it('take no room of those that take votes, and have room where those have none', async () => {
    const scope = await fixture.join()

    for (let index = 0; index < 100; index++) {
      expect(await take(scope, voter, past(scope, voter, { name: `${index}` }))).to.equal('new')
    }

    expect(await take(scope, voter, past(scope, voter, { name: 'one more' }))).to.equal('later')

    for (let index = 0; index < 100; index++) {
      expect(await take(scope, voter, past(scope, voter, { name: `${index}`, timestamp: START }))).to.equal('new')
    }

    expect([scope.active.size, scope.expired.size]).to.deep.equal([100, 100])
  })
})
