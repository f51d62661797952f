/**
 * Under `quorum` votes come after the decision as well, up to the last voter's.
 */

import { expect } from 'aegir/chai'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { RecentSessions } from '../../../src/storage/level/recent-sessions.ts'
import { countReads } from '../../utils/level-reads.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Proposal, ScopePolicy } from '../../../src/index.ts'

const NOW = 1_700_000_000n
const signers = Array.from({ length: 40 }, (_, index) => ethereumSigner(new Uint8Array(32).fill(index + 1)))

describe('LevelDB storage of a proposal that is decided', () => {
  const folder = useTempFolder()
  let storage: LevelStorage
  let service: ConsensusService
  let policy: ScopePolicy
  let scope: string
  let proposal: Proposal

  beforeEach(async () => {
    policy = parsePolicy({ name: 'council', voters: signers.map(({ identity }) => identityToAddress(identity)) })
    scope = scopeKey(policy)
    proposal = quorumProposal(signers[0], policy, { timestamp: NOW })
    storage = await LevelStorage.open(folder.path)
    service = new ConsensusService({ scheme: ethereumScheme(), storage, clock: () => NOW, maxSessionsPerScope: Infinity })
    await storage.setScopeConfig(scope, scopeConfig(policy))
    await service.processIncomingProposal(scope, proposal)
    await vote(0, 30)
    expect(await storage.getSession(scope, proposal.proposalId)).to.include({ state: 'reached', voteCount: 30 })
  })

  afterEach(async () => {
    await storage.close()
  })

  async function vote (from: number, to: number): Promise<void> {
    for (const signer of signers.slice(from, to)) {
      await service.processIncomingVote(scope, await boundVote(signer, policy, proposal, true))
    }
  }

  it('reads no vote for one more', async () => {
    const reads = await countReads(async () => vote(30, 40))

    expect(reads).to.not.have.property('vote')
    expect(reads.proposal).to.be.at.most(10)
    expect((await storage.getSession(scope, proposal.proposalId))?.voteCount).to.equal(40)
    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
    storage = await LevelStorage.open(folder.path)
    expect(await storage.getSession(scope, proposal.proposalId)).to.include({ state: 'reached', voteCount: 40 })
  })

  it('shows no votes that were given up, no session that is removed, and the one that is there instead', async () => {
    const { proposalId } = proposal
    const before = await storage.getSession(scope, proposalId)

    await storage.pruneVotes(scope, proposalId)
    // a quorum is kept, since it proves the result
    expect(await storage.getSession(scope, proposalId)).to.include({ state: 'reached', voteCount: 27 }).and.have.property('pruned').that.is.not.equal(undefined)

    await storage.replaceScopeSessions(scope, [])
    expect(await storage.getSession(scope, proposalId)).to.equal(undefined)

    await storage.saveSession(scope, before as NonNullable<typeof before>)
    expect((await storage.getSession(scope, proposalId))?.voteCount).to.equal(30)
    await storage.removeSession(scope, proposalId)
    expect(await storage.getSession(scope, proposalId)).to.equal(undefined)
  })

  it('is kept in memory with no more than so many others', async () => {
    const session = await storage.getSession(scope, proposal.proposalId) as NonNullable<Awaited<ReturnType<LevelStorage['getSession']>>>
    const recent = new RecentSessions()
    const cost = 34

    for (let index = 0; index <= 20_000 / cost; index++) {
      recent.set(`${index}`, session)
      recent.set(`${index}`, session)
      expect(recent.get('0'), 'the one that is used').to.equal(session)
    }

    expect(recent.get('1')).to.equal(undefined)
    expect(recent.get('2')).to.equal(session)
    recent.delete('2')
    expect(recent.get('2')).to.equal(undefined)
  })
})
