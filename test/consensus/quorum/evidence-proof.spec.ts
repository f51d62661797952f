import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { encodeMessage } from '../../../src/consensus/encoding/encode.ts'
import { canonicalPolicy, ConsensusSession, encodeProposal, encodeVote, evidenceAgainst, evidenceProofToJson, inspectEvidenceProof, makeEvidence, makeEvidenceProof, proofKind, verifyCertificate, verifyEvidenceProof } from '../../../src/consensus/index.ts'
import { EvidenceProof as EvidenceProofMessage } from '../../../src/pb/certificate.ts'
import { ProvingScope } from '../fixtures/proofs.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { rejection, START } from '../fixtures/service.ts'
import type { Evidence, Proposal, Vote } from '../../../src/consensus/index.ts'

const scope = new ProvingScope(4)
const options = { policyDigest: scope.digest, scheme: hashScheme }

interface Parts {
  policy: Uint8Array
  proposal: Uint8Array
  first: Uint8Array
  second: Uint8Array
  signature: Uint8Array
}

function encode (parts: Parts): Uint8Array {
  return encodeMessage(EvidenceProofMessage.codec(), parts as EvidenceProofMessage)
}

/** The parts of evidence against voter 2, some of them changed */
async function parts (changes: Partial<Parts> = {}, votes: { yes?: Partial<Vote>, no?: Partial<Vote> } = {}, proposal: Proposal = scope.proposal()): Promise<Parts> {
  return {
    policy: canonicalPolicy(scope.policy),
    proposal: encodeProposal({ ...proposal, round: 0 }),
    first: encodeVote(await scope.vote(proposal, 2, true, votes.yes)),
    second: encodeVote(await scope.vote(proposal, 2, false, votes.no)),
    signature: await scope.sign(proposal),
    ...changes
  }
}

async function reasonOf (bytes: Uint8Array, using = options): Promise<string> {
  const error = await rejection(verifyEvidenceProof(bytes, using))

  expect(error).to.have.property('name', 'InvalidEvidenceError')

  return error.message
}

describe('an evidence file', () => {
  it('proves who has voted both ways to whoever knows the policy\'s digest', async () => {
    const session = await scope.session([1, -2, 3, 2])
    const evidence = evidenceAgainst(session, hashSigner(2).identity) as Evidence
    const proof = await verifyEvidenceProof(makeEvidenceProof(session, scope.policy, evidence), options)

    expect(proof.owner).to.deep.equal(hashSigner(2).identity)
    expect(proof.evidence).to.deep.equal(evidence)
    expect(proof.policy).to.deep.equal(scope.policy)
    expect(proof.proposal.proposalId).to.equal(session.proposal.proposalId)
    expect(await inspectEvidenceProof(makeEvidenceProof(session, scope.policy, evidence), options)).to.deep.equal(proof)
  })

  it('holds in open scopes, where it says who and proves as much', async () => {
    const open = new ProvingScope(4, { voters: null })
    const session = await open.session([9, -9], open.proposal({ expectedVotersCount: 3 }))
    const proof = makeEvidenceProof(session, open.policy, evidenceAgainst(session, hashSigner(9).identity) as Evidence)

    expect((await verifyEvidenceProof(proof, { ...options, policyDigest: open.digest })).owner).to.deep.equal(hashSigner(9).identity)
  })

  it('holds whenever the votes say they were cast', async () => {
    for (const timestamp of [START - 1n, START + 61n]) {
      expect((await verifyEvidenceProof(encode(await parts({}, { no: { timestamp } })), options)).evidence.second.timestamp).to.equal(timestamp)
    }
  })

  it('is told from a certificate by its first byte, and is none', async () => {
    const bytes = encode(await parts())

    expect(proofKind(bytes)).to.equal('evidence')
    expect(await rejection(verifyCertificate(bytes, options))).to.have.property('name', 'InvalidCertificateError')
  })

  it('can be read as JSON', async () => {
    const json = evidenceProofToJson(await verifyEvidenceProof(encode(await parts()), options))

    expect(json).to.deep.include({ type: 'evidence', scope: 'council', voter: `0x${bytesToHex(hashSigner(2).identity)}` })
    expect(json.votes.map(({ choice }) => choice)).to.deep.equal(['yes', 'no'])
  })

  it('needs a policy digest to prove anything', async () => {
    expect(await rejection(verifyEvidenceProof(encode(await parts()), { scheme: hashScheme } as any))).to.be.an.instanceOf(TypeError).with.property('message').that.includes('options.policyDigest')
  })

  const other = scope.proposal({ name: 'Another question' })
  const wrong: Array<[string, () => Promise<Parts>, RegExp]> = [
    ['two votes for one side', async () => parts({ second: (await parts()).first }), /vote for yes and then a vote for no/],
    ['the votes in the other order', async () => parts({ first: (await parts()).second, second: (await parts()).first }), /vote for yes and then a vote for no/],
    ['votes of two voters', async () => parts({ second: encodeVote(await scope.vote(scope.proposal(), 3, false)) }), /different owners/],
    ['a vote on another proposal', async () => parts({ second: encodeVote(await scope.vote(other, 2, false)) }), /cast on another proposal/],
    ['votes on another proposal', async () => parts({ proposal: encodeProposal({ ...other, round: 0 }), signature: await scope.sign(other) }), /cast on another proposal/],
    ['votes of somebody who is no voter', async () => parts({ first: encodeVote(await scope.vote(scope.proposal(), 7, true)), second: encodeVote(await scope.vote(scope.proposal(), 7, false)) }), /not among the voters/],
    ['a vote with a wrong hash', async () => parts({}, { yes: { voteHash: new Uint8Array(32) } }), /vote hash/],
    ['a vote that somebody else has signed', async () => parts({}, { no: { signature: new Uint8Array(32) } }), /signature was not made/],
    ['a proposal that its owner has not signed', async () => parts({ signature: new Uint8Array(32) }), /not signed by its owner/],
    ['one vote only', async () => parts({ second: new Uint8Array(0) }), /not bound to a proposal|vote/],
    ['a policy that is not canonical', async () => parts({ policy: new TextEncoder().encode(JSON.stringify(scope.policy, null, 1)) }), /policy is not in its canonical form/]
  ]

  for (const [what, make, reason] of wrong) {
    it(`is refused with ${what}`, async () => {
      expect(await reasonOf(encode(await make()))).to.match(reason)
    })
  }

  it('is refused under another policy', async () => {
    expect(await reasonOf(encode(await parts()), { ...options, policyDigest: new ProvingScope(5).digest })).to.include('of another policy')
  })

  it('is refused with anything changed, put in, taken out or cut off', async () => {
    const bytes = encode(await parts())

    for (let position = 0; position < bytes.byteLength; position++) {
      const changed = bytes.slice()

      changed[position] ^= 1 << (position % 8)
      await reasonOf(changed)
      await reasonOf(bytes.subarray(0, position))
    }

    await fc.assert(fc.asyncProperty(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (position, value, insert) => {
      const changed = [...bytes]

      insert ? changed.splice(position, 0, value) : changed.splice(position, 1 + value % 4)
      await reasonOf(Uint8Array.from(changed))
    }), { numRuns: 300 })
  })

  it('cannot be made of what proves nothing, which is said', async () => {
    const session = await scope.session([1, 2, -2])
    const elsewhere = makeEvidence(await scope.vote(other, 2, true), await scope.vote(other, 2, false))
    const { signature, ...unsigned } = { ...session, votes: session.encodedVotes() }
    const evidence = evidenceAgainst(session, hashSigner(2).identity) as Evidence

    for (const [make, reason] of [
      [() => makeEvidenceProof(session, scope.policy, elsewhere), 'about another proposal'],
      [() => makeEvidenceProof(session, new ProvingScope(5).policy, evidence), 'another policy'],
      [() => makeEvidenceProof(ConsensusSession.fromParts(unsigned), scope.policy, evidence), 'signature of the announcement']
    ] as const) {
      expect(make).to.throw(reason).with.property('name', 'ProofUnavailableError')
    }
  })
})
