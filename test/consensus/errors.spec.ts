import { expect } from 'aegir/chai'
import * as core from '../../src/consensus/index.ts'

type ErrorClass = new (message: string, context?: any) => core.ConsensusError

const classes = Object.entries(core).filter(([name]) => name.endsWith('Error') && name !== 'VerifierUnavailableError') as unknown as Array<[string, ErrorClass]>

describe('errors', () => {
  it('are there for every kind the protocol has', () => {
    expect(classes.map(([name]) => name)).to.include.members([
      'InvalidConsensusThresholdError', 'InvalidTimeoutError', 'InvalidExpectedVotersCountError', 'InvalidMaxRoundsError',
      'InvalidVoteSignatureError', 'EmptySignatureError', 'DuplicateVoteError', 'UserAlreadyVotedError', 'VoteExpiredError',
      'EmptyVoteOwnerError', 'InvalidVoteHashError', 'EmptyVoteHashError', 'ProposalExpiredError', 'VoteProposalIdMismatchError',
      'ReceivedHashMismatchError', 'ParentHashMismatchError', 'TimestampOlderThanCreationTimeError', 'SignatureSchemeError',
      'SessionNotActiveError', 'SessionNotFoundError', 'ProposalAlreadyExistError', 'InsufficientVotesAtTimeoutError',
      'MaxRoundsExceededError', 'ConsensusNotReachedError', 'ConsensusFailedError'
    ])
  })

  for (const [name, ErrorClass] of classes) {
    it(`${name} has its name for good, and is a ConsensusError`, () => {
      const err = new ErrorClass('what was wrong')

      expect(err).to.be.an.instanceOf(core.ConsensusError).and.an.instanceOf(Error)
      expect(err.name).to.equal(name)
      expect(err.message).to.equal('what was wrong')
      expect(`${err.stack}`).to.include('what was wrong')
    })
  }

  it('say what they are about', () => {
    const cause = new Error('the cause')
    const err = new core.DuplicateVoteError('Twice', { scope: 'council', proposalId: 7, owner: Uint8Array.of(0xab, 1), cause })

    expect(err.message).to.equal('Twice (scope "council", proposal 7, voter 0xab01)')
    expect(err).to.deep.include({ scope: 'council', proposalId: 7, owner: Uint8Array.of(0xab, 1), cause })
  })

  it('can be told later what they are about, and keep what they knew', () => {
    const err = new core.DuplicateVoteError('Twice', { proposalId: 7 })
    // engines write it down when it is first read
    expect(err.stack).to.include('Twice (proposal 7)')

    err.about({ scope: 'council', proposalId: 8 }).about({ scope: 'another' })

    expect(err.message).to.equal('Twice (scope "council", proposal 7)')
    expect(err).to.include({ scope: 'council', proposalId: 7 })
    expect(err.stack).to.include('Twice (scope "council", proposal 7)')
  })
})
