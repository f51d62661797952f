import { expect } from 'aegir/chai'
import { fuzz } from '../../scripts/fuzz/run.ts'

describe('fuzzing', () => {
  it('finds nothing that throws another error than it should, in some thousand runs', async () => {
    const { outcomes, failures } = await fuzz({ runs: 4000, seed: 1 })

    expect(failures.map(({ target, input, error }) => `${target} ${input}: ${error.stack}`)).to.deep.equal([])

    // that it refuses by many kinds of errors, and lets some through, shows that it comes to all the checks
    const names = new Set([...outcomes.values()].flatMap(counts => [...counts.keys()]))
    expect([...outcomes.keys()]).to.have.lengthOf(8)
    expect(outcomes.get('processIncomingVote')?.has('ok')).to.equal(true)
    expect([...names]).to.include.members([
      'ok', 'NonCanonicalEncodingError', 'EmptyVoteOwnerError', 'EmptyVoteHashError', 'EmptySignatureError', 'InvalidVoteHashError',
      'SignatureSchemeError', 'InvalidVoteSignatureError', 'TimestampOlderThanCreationTimeError', 'VoteExpiredError', 'ProposalExpiredError',
      'DuplicateVoteError', 'MaxRoundsExceededError', 'ReceivedHashMismatchError', 'VoteProposalIdMismatchError', 'SessionNotFoundError',
      'InvalidPolicyError', 'TypeError'
    ])
  })

  it('does the same for the same seed', async () => {
    const [first, again, other] = await Promise.all([5, 5, 6].map(async seed => fuzz({ runs: 200, seed })))

    expect(again.outcomes).to.deep.equal(first.outcomes)
    expect(other.outcomes).to.not.deep.equal(first.outcomes)
  })
})
