import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { ConsensusSession, InvalidProofError, makeCertificate, makeStatement, ProofUnavailableError, proofKind, sessionVoteSetHash } from '../../../src/consensus/index.ts'
import { ProvingScope } from '../fixtures/proofs.ts'

const scope = new ProvingScope(5)

/** Votes of these voters, minus for no, when time was up */
async function ended (votes: number[]): Promise<ConsensusSession> {
  return (await scope.session(votes)).timeOut().session
}

function pruned (session: ConsensusSession): ConsensusSession {
  return ConsensusSession.fromParts({ ...session, votes: [], pruned: { tally: session.tally, voteSetHash: sessionVoteSetHash(session) } })
}

describe('a statement', () => {
  it('says what was seen of a result by silence: the proposal, the result and all votes', async () => {
    const session = await ended([4, -2, 1, 2])
    const { type, scope: name, policyDigest, proposalDigest, proposal, result, grade, votes } = makeStatement(session, scope.policy)

    expect({ type, name, result, grade }).to.deep.equal({ type: 'statement', name: scope.policy.name, result: 'yes', grade: 'timeout' })
    expect(policyDigest).to.equal(bytesToHex(scope.digest))
    expect(proposalDigest).to.equal(bytesToHex(session.digest ?? new Uint8Array()))
    expect(proposal).to.include({ proposalId: session.proposal.proposalId, name: session.proposal.name, expectedVotersCount: 5 })
    expect(votes.map(({ voter, choice }) => `${Number(voter.slice(-2))} ${choice}`)).to.deep.equal(['1 yes', '2 yes', '2 no', '4 yes'])
    expect(votes.every(({ signature, voteHash }) => signature.length > 2 && voteHash.length === 66)).to.equal(true)
  })

  it('is there where no certificate is, which says so', async () => {
    const session = await ended([1])

    expect(() => makeCertificate(session, scope.policy)).to.throw(ProofUnavailableError, 'by silence at the timeout, which nobody can prove: a certificate needs the votes of a quorum. What this node has seen can be had as a statement')
  })

  it('is not taken for a proof', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(makeStatement(await ended([1]), scope.policy)))

    expect(() => proofKind(bytes)).to.throw(InvalidProofError, 'This is JSON, which is for reading and proves nothing')
  })

  it('is none of a result that a certificate proves, of none at all, or of votes that are kept no longer', async () => {
    const expectNone = (session: ConsensusSession, reason: string, { policy } = scope): void => {
      expect(() => makeStatement(session, policy)).to.throw(ProofUnavailableError, reason)
    }

    expectNone(await scope.session([1, 2, 3, 4]), 'which a certificate proves')
    expectNone(await scope.session([1]), 'no result by silence to state')
    expectNone(await ended([-1, -2]), 'no result by silence to state')
    expectNone(pruned(await ended([1])), 'kept no longer')
    expectNone(await ended([1]), 'under another policy', new ProvingScope(4))
  })
})
