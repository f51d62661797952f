import { expect } from 'aegir/chai'
import { checkEvidence, evidenceAgainst, evidenceOf, makeEvidence, verifyEvidence } from '../../../src/consensus/index.ts'
import { castBound, digestOf, END, quorumProposal, quorumSession, rejected, thrown, withVotes } from '../fixtures/quorum.ts'
import { ed25519Scheme, ed25519Signer, hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { cast, START } from '../fixtures/service.ts'
import type { Vote } from '../../../src/consensus/index.ts'

const proposal = quorumProposal({ expectedVotersCount: 4 })
const times = { timestamp: START, expirationTimestamp: END, digest: digestOf(proposal) }

async function votes (changes: { yes?: Partial<Vote>, no?: Partial<Vote> } = {}): Promise<{ yes: Vote, no: Vote }> {
  return {
    yes: await castBound(proposal, 1, true, changes.yes),
    no: await castBound(proposal, 1, false, changes.no)
  }
}

describe('evidence', () => {
  it('has one form, whichever vote came first', async () => {
    const { yes, no } = await votes()

    expect(makeEvidence(yes, no)).to.deep.equal({ first: yes, second: no })
    expect(makeEvidence(no, yes)).to.deep.equal({ first: yes, second: no })
    expect(thrown(() => { checkEvidence({ first: no, second: yes }) })).to.equal('InvalidEvidenceError')
  })

  it('is two valid votes of one owner on one proposal', async () => {
    const { yes, no } = await votes()

    await verifyEvidence(makeEvidence(yes, no), hashScheme)
    await verifyEvidence(makeEvidence(yes, no), hashScheme, times)
  })

  it('holds with any signature scheme', async () => {
    const signer = ed25519Signer(3)
    const [yes, no] = await Promise.all([true, false].map(async choice => cast(signer, proposal.proposalId, choice, { values: { parentHash: times.digest } })))

    await verifyEvidence(makeEvidence(yes, no), ed25519Scheme, times)
    expect(await rejected(verifyEvidence(makeEvidence(yes, { ...no, signature: yes.signature }), ed25519Scheme))).to.equal('InvalidVoteSignatureError')
  })

  const another = quorumProposal({ expectedVotersCount: 4, name: 'Another question' })
  const none: Array<[string, () => Promise<[Vote, Vote]>]> = [
    ['votes of different owners', async () => [await castBound(proposal, 1, true), await castBound(proposal, 2, false)]],
    ['two votes for one side', async () => [await castBound(proposal, 1, true), await castBound(proposal, 1, true)]],
    ['two votes against', async () => [await castBound(proposal, 1, false), await castBound(proposal, 1, false)]],
    ['votes on different proposals', async () => [await castBound(proposal, 1, true), await castBound(another, 1, false)]],
    ['votes with one id, bound to different content', async () => [await castBound(proposal, 1, true), await castBound(proposal, 1, false, { parentHash: digestOf(another) })]],
    ['votes bound to one content with different ids', async () => [await castBound(proposal, 1, true), await castBound(proposal, 1, false, { proposalId: another.proposalId })]],
    ['votes with an id that is not their digest\'s', async () => [await castBound(proposal, 1, true, { proposalId: 7 }), await castBound(proposal, 1, false, { proposalId: 7 })]],
    ['votes that are bound to nothing', async () => [await castBound(proposal, 1, true, { parentHash: new Uint8Array(0) }), await castBound(proposal, 1, false, { parentHash: new Uint8Array(0) })]],
    ['votes that are bound to a shorter hash', async () => [await castBound(proposal, 1, true, { parentHash: times.digest.subarray(0, 31) }), await castBound(proposal, 1, false, { parentHash: times.digest.subarray(0, 31) })]]
  ]

  for (const [what, pair] of none) {
    it(`is not: ${what}`, async () => {
      const [one, other] = await pair()

      expect(thrown(() => makeEvidence(one, other))).to.equal('InvalidEvidenceError')
      expect(await rejected(verifyEvidence({ first: one, second: other }, hashScheme))).to.equal('InvalidEvidenceError')
    })
  }

  it('is nothing with a hash or a signature that is wrong, in either vote', async () => {
    const { yes, no } = await votes()

    for (const [values, error] of [
      [{ voteHash: new Uint8Array(32) }, 'InvalidVoteHashError'],
      [{ signature: new Uint8Array(32) }, 'InvalidVoteSignatureError'],
      [{ signature: new Uint8Array(0) }, 'EmptySignatureError'],
      [{ signature: new Uint8Array(3) }, 'SignatureSchemeError']
    ] as const) {
      expect(await rejected(verifyEvidence({ first: { ...yes, ...values }, second: no }, hashScheme))).to.equal(error)
      expect(await rejected(verifyEvidence({ first: yes, second: { ...no, ...values } }, hashScheme))).to.equal(error)
    }
  })

  it('is nothing for a proposal that it is not about, or with a vote out of its time', async () => {
    const { yes, no } = await votes()

    expect(await rejected(verifyEvidence(makeEvidence(yes, no), hashScheme, { ...times, digest: digestOf(another) }))).to.equal('InvalidEvidenceError')
    expect(await rejected(verifyEvidence(makeEvidence(yes, no), hashScheme, { ...times, digest: undefined }))).to.equal('InvalidEvidenceError')
  })

  it('holds whenever the votes say they were cast', async () => {
    for (const timestamp of [START - 1n, END + 1n]) {
      const untimely = await votes({ no: { timestamp } })

      await verifyEvidence(makeEvidence(untimely.yes, untimely.no), hashScheme, times)
    }
  })

  it('says what is missing of what is none at all', () => {
    expect(() => { checkEvidence(undefined as any) }).to.throw(TypeError, 'evidence must be an object')
    expect(() => { checkEvidence({} as any) }).to.throw(TypeError, 'vote must be an object')
    expect(() => makeEvidence(undefined as any, {} as any)).to.throw(TypeError, 'vote must be an object')
  })

  it('is what a session holds against each who has voted both ways', async () => {
    const session = await withVotes(quorumSession(5), 1, -2, -3, 2, -1)
    const evidence = evidenceOf(session)

    expect(evidence.map(({ first, second }) => [first.voteOwner[19], first.vote, second.voteOwner[19], second.vote])).to.deep.equal([[2, true, 2, false], [1, true, 1, false]])
    expect(evidenceAgainst(session, hashSigner(1).identity)).to.deep.equal(evidence[1])
    expect(evidenceAgainst(session, hashSigner(3).identity)).to.equal(undefined)

    for (const each of evidence) {
      await verifyEvidence(each, hashScheme, session.voteTerms)
    }
  })
})
