import { cpSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { StorageWatch } from '../../../src/node/host/storage-watch.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { FolderManifest } from '../../../src/storage/integrity/manifest.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { loseEndOfFirstLog, recordBounds } from '../../utils/level-log.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Evidence, Proposal, ScopePolicy } from '../../../src/index.ts'

const NOW = 1_700_000_000n
const signers = [1, 2, 3, 4, 5].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))

describe('LevelDB storage that lost power while LevelDB went on to another log', () => {
  const folder = useTempFolder()
  let location: string
  let policy: ScopePolicy
  let scope: string
  let proposal: Proposal

  function serviceOf (storage: LevelStorage): ConsensusService {
    return new ConsensusService({ scheme: ethereumScheme(), storage, clock: () => NOW, maxSessionsPerScope: Infinity })
  }

  /**
   * The votes of so many voters, of which only the first and the last are left: the files as a loss of power left them
   *
   * @param votes - how many
   * @param evidence - what is stored before the last vote, if anything; then only that is lost
   */
  async function loseMiddleOf (votes: number, evidence?: Evidence): Promise<void> {
    const whole = join(folder.path, 'whole')
    const storage = await LevelStorage.open(whole)
    const service = serviceOf(storage)

    await storage.setScopeConfig(scope, scopeConfig(policy))
    await service.processIncomingProposal(scope, proposal)

    for (const [index, signer] of signers.slice(0, votes).entries()) {
      if (evidence != null && index === votes - 1) {
        expect(await service.processEvidence(scope, evidence)).to.equal(true)
      }

      await service.processIncomingVote(scope, await boundVote(signer, policy, proposal, true))
    }

    // as a process leaves them that ends here
    cpSync(whole, location, { recursive: true, filter: from => !from.endsWith('LOCK') })
    await storage.close()

    const name = (await readdir(location)).find(name => name.endsWith('.log')) ?? ''
    const records = recordBounds(await readFile(join(location, name))).length - 1

    await loseEndOfFirstLog(location, evidence == null ? records - votes + 1 : records - 2, records - 1)
  }

  beforeEach(() => {
    location = join(folder.path, 'store')
    policy = parsePolicy({ name: 'council', voters: signers.map(({ identity }) => identityToAddress(identity)) })
    scope = scopeKey(policy)
    proposal = quorumProposal(signers[0], policy, { timestamp: NOW })
  })

  async function expectDecided (storage: LevelStorage, voteCount: number): Promise<void> {
    const session = await storage.getSession(scope, proposal.proposalId)

    expect(session).to.include({ state: 'reached', result: true, voteCount })
  }

  it('keeps the decision, says which votes are gone, and takes them in again', async () => {
    await loseMiddleOf(4)

    const storage = await LevelStorage.open(location)
    const warnings: string[] = []

    await expectDecided(storage, 2)
    expect(storage.lostVotes).to.deep.equal([{ kind: 'vote', scope, proposalId: proposal.proposalId, problem: 'is missing 2 times since power was lost' }])
    await new StorageWatch(storage, message => { warnings.push(message) }).stop()
    expect(warnings).to.have.lengthOf(1)
    expect(warnings[0]).to.match(/^Power was lost .* votes of others on one proposal\. What was decided stands/)

    for (const signer of signers) {
      await serviceOf(storage).processIncomingVote(scope, await boundVote(signer, policy, proposal, true)).catch(err => {
        expect(err).to.have.property('name', 'DuplicateVoteError')
      })
    }

    await expectDecided(storage, 5)
    await storage.close()
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })

  it('gives up no vote that is left of a proposal that is active', async () => {
    await loseMiddleOf(3)

    const storage = await LevelStorage.open(location)
    const session = await storage.getSession(scope, proposal.proposalId)

    expect(session).to.include({ state: 'active', voteCount: 2 })
    expect(session?.hasVoted(signers[2].identity)).to.equal(true)
    await storage.close()
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })

  it('goes on without evidence that is gone, says so, and takes it in again', async () => {
    const evidence = {
      first: await boundVote(signers[4], policy, proposal, true, { timestamp: NOW - 1n }),
      second: await boundVote(signers[4], policy, proposal, false, { timestamp: NOW - 1n })
    }

    await loseMiddleOf(4, evidence)

    const storage = await LevelStorage.open(location)

    await expectDecided(storage, 4)
    expect(storage.lostVotes).to.deep.equal([{ kind: 'evidence', scope, proposalId: proposal.proposalId, problem: 'is missing 1 times since power was lost' }])
    expect((await storage.getSession(scope, proposal.proposalId))?.evidence).to.be.empty()
    expect(await serviceOf(storage).processEvidence(scope, evidence)).to.equal(true)
    expect((await storage.getSession(scope, proposal.proposalId))?.evidence).to.have.length(1)
    await storage.close()
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })

  it('does so where it is checked first, and where opening it was cut off', async () => {
    await loseMiddleOf(4)
    cpSync(location, join(folder.path, 'checked'), { recursive: true })
    expect(await LevelStorage.check(join(folder.path, 'checked'))).to.deep.equal([])

    // as far as a process came that was killed when LevelDB had read its logs
    await new FolderManifest(location).begin()
    const level = new Level(location)
    await level.open()
    await level.close()

    const storage = await LevelStorage.open(location)

    await expectDecided(storage, 2)
    await storage.close()
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })
})
