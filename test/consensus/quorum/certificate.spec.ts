import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { fromString } from 'uint8arrays/from-string'
import { privateKeyToAccount } from 'viem/accounts'
import { encodeMessage } from '../../../src/consensus/encoding/encode.ts'
import { canonicalPolicy, certificateToJson, ConsensusSession, encodeProposal, encodeVote, inspectCertificate, makeCertificate, parsePolicy, policyDigest, proofKind, quorumOf, verifyCertificate } from '../../../src/consensus/index.ts'
import { Certificate as CertificateMessage } from '../../../src/pb/certificate.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { ProvingScope } from '../fixtures/proofs.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { rejection, START } from '../fixtures/service.ts'
import type { Proposal, Vote } from '../../../src/consensus/index.ts'

const scope = new ProvingScope(5)
const options = { policyDigest: scope.digest, scheme: hashScheme }

interface Parts {
  policy: Uint8Array
  proposal: Uint8Array
  signature: Uint8Array
  votes: Uint8Array[]
}

function encode (parts: Parts): Uint8Array {
  return encodeMessage(CertificateMessage.codec(), parts as CertificateMessage)
}

/** The parts of a certificate for yes of voters 1 to 4 of 5, in the canonical form, with some of them changed */
async function parts (changes: Partial<Parts> & { votesOf?: Array<Promise<Vote>>, on?: Proposal } = {}): Promise<Parts> {
  const { votesOf, on: proposal = scope.proposal(), ...others } = changes
  const votes = await Promise.all(votesOf ?? [1, 2, 3, 4].map(async voter => scope.vote(proposal, voter, true)))

  return {
    policy: canonicalPolicy(scope.policy),
    proposal: encodeProposal({ ...proposal, round: 0 }),
    signature: await scope.sign(proposal),
    votes: votes.map(encodeVote),
    ...others
  }
}

async function reasonOf (bytes: Uint8Array, using = options): Promise<string> {
  const error = await rejection(verifyCertificate(bytes, using))

  expect(error).to.have.property('name', 'InvalidCertificateError')

  return error.message
}

describe('a certificate', () => {
  it('proves the result to whoever knows the policy\'s digest', async () => {
    const proposal = scope.proposal()
    const certificate = await verifyCertificate(makeCertificate(await scope.session([3, -5, 1, 4, 2], proposal), scope.policy), options)

    expect(certificate.result).to.equal(true)
    expect(certificate.policy).to.deep.equal(scope.policy)
    expect(certificate.policyDigest).to.deep.equal(scope.digest)
    expect(certificate.proposal).to.deep.equal(proposal)
    expect(certificate.votes.map(({ voteOwner }) => voteOwner[19])).to.deep.equal([1, 2, 3, 4])
  })

  it('is made for no as for yes, and has a quorum of votes and no more', async () => {
    const { result, votes } = await verifyCertificate(makeCertificate(await scope.session([-5, -4, -3, -2, -1]), scope.policy), options)

    expect(result).to.equal(false)
    expect(votes.map(({ voteOwner }) => voteOwner[19])).to.deep.equal([1, 2, 3, 4])
  })

  it('holds with Ethereum signatures', async () => {
    const members = new ProvingScope(3, { signer: number => ethereumSigner(privateKeyToAccount(`0x${number.toString(16).padStart(64, '0')}`)) })
    const bytes = makeCertificate(await members.session([1, 2]), members.policy)

    expect((await verifyCertificate(bytes, { policyDigest: members.digest, scheme: ethereumScheme() })).result).to.equal(true)
    expect(await reasonOf(bytes, { policyDigest: members.digest, scheme: hashScheme })).to.include('not signed by its owner')
  })

  it('is the same bytes whoever makes it from the same votes, in whatever order they came', async () => {
    const proposal = scope.proposal()
    const orders = [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [2, -2, 4, -4, 1, 3, 5]]
    const [first, ...others] = await Promise.all(orders.map(async votes => makeCertificate(await scope.session(votes, proposal), scope.policy).slice(0, 900)))

    // ids of votes are random, so that only what comes before the votes is the same here
    others.forEach(other => { expect(other.subarray(0, 600)).to.deep.equal(first.subarray(0, 600)) })

    const session = await scope.session([1, 2, 3, 4, 5], proposal)
    const shuffled = ConsensusSession.fromParts({ ...session, votes: session.encodedVotes().reverse() })

    expect(makeCertificate(shuffled, scope.policy)).to.deep.equal(makeCertificate(session, scope.policy))
  })

  it('is told from evidence by its first byte', async () => {
    expect(proofKind(encode(await parts()))).to.equal('certificate')
    expect(() => proofKind(new Uint8Array(0))).to.throw('empty').with.property('name', 'InvalidProofError')
    expect(() => proofKind(fromString('{"type":"certificate"}'))).to.throw('This is JSON, which is for reading').with.property('name', 'InvalidProofError')
    expect(() => proofKind(fromString('certificate'))).to.throw('neither a certificate nor evidence').with.property('name', 'InvalidProofError')
  })

  it('can be read as JSON', async () => {
    const proposal = scope.proposal()
    const json = certificateToJson(await verifyCertificate(encode(await parts()), options))

    expect(json).to.deep.include({ type: 'certificate', scope: 'council', policyDigest: bytesToHex(scope.digest), result: 'yes', quorum: 4 })
    expect(json.proposal).to.deep.include({ proposalId: proposal.proposalId, name: proposal.name, payload: '0x040506', timestamp: Number(START), deadline: Number(START) + 60 })
    expect(json.votes[1]).to.deep.include({ voter: `0x${bytesToHex(hashSigner(2).identity)}`, choice: 'yes', timestamp: Number(START) + 1 })
    expect(JSON.parse(JSON.stringify(json))).to.deep.equal(json)
  })

  it('needs a policy digest to prove anything, and without one can be looked into', async () => {
    const bytes = encode(await parts())
    const certificate = await inspectCertificate(bytes, { scheme: hashScheme })

    expect(await rejection(verifyCertificate(bytes, { scheme: hashScheme } as any))).to.be.an.instanceOf(TypeError).with.property('message').that.includes('options.policyDigest')
    expect(await rejection(verifyCertificate(bytes, undefined as any))).to.be.an.instanceOf(TypeError)
    expect(certificate.policyDigest).to.deep.equal(scope.digest)
    expect(certificate.result).to.equal(true)
  })

  describe('is refused', () => {
    const another = new ProvingScope(5, { name: 'another' })
    const sevenVoters = new ProvingScope(7)

    it('under another policy, also where it is only looked into and the policy in it was changed', async () => {
      expect(await reasonOf(encode(await parts()), { ...options, policyDigest: another.digest })).to.include('of another policy')

      for (const { policy } of [another, sevenVoters, new ProvingScope(5, { threshold: 0.6 })]) {
        const changed = encode(await parts({ policy: canonicalPolicy(policy) }))

        expect(await rejection(inspectCertificate(changed, options))).to.have.property('name', 'InvalidCertificateError')
        expect(await reasonOf(changed, { ...options, policyDigest: policyDigest(policy) })).to.match(/the id must be|expectedVotersCount must be 7/)
      }
    })

    it('where votes prove nothing: without a list of voters, or under another decision rule', async () => {
      for (const [policy, reason] of [
        [parsePolicy({ name: 'council' }), 'anybody may vote'],
        [parsePolicy({ ...scope.policy, decisionRule: 'reference' }), 'decision rule "reference"']
      ] as const) {
        const open = new ProvingScope(5, { ...policy })

        expect(await reasonOf(encode(await parts({ policy: canonicalPolicy(policy), proposal: encodeProposal({ ...open.proposal({ expectedVotersCount: 5 }), round: 0 }) })), { ...options, policyDigest: policyDigest(policy) })).to.include(reason)
      }
    })

    const votesOn = (changes: Partial<Vote>): Array<Promise<Vote>> => [1, 2, 3, 4].map(async voter => scope.vote(scope.proposal(), voter, true, voter === 3 ? changes : {}))
    const voters = (...list: number[]): Array<Promise<Vote>> => list.map(async voter => scope.vote(scope.proposal(), Math.abs(voter), voter > 0))
    const proposal = (changes: Partial<Proposal>): Uint8Array => encodeProposal({ ...scope.proposal(), round: 0, ...changes })

    const wrong: Array<[string, () => Promise<Parts>, RegExp]> = [
      ['a policy that is not canonical', async () => parts({ policy: fromString(JSON.stringify(scope.policy, null, 1)) }), /policy is not in its canonical form/],
      ['a policy that says something twice', async () => parts({ policy: fromString('{"name":"council","name":"council"}') }), /policy cannot be read: "name" is said twice/],
      ['a policy that is none', async () => parts({ policy: fromString('{}') }), /policy cannot be read: .*name/],
      ['a policy that is no text', async () => parts({ policy: Uint8Array.of(0xff, 0xfe) }), /policy cannot be read/],
      ['no policy', async () => parts({ policy: new Uint8Array(0) }), /policy cannot be read/],
      ['a proposal that is none', async () => parts({ proposal: Uint8Array.of(1, 2, 3) }), /proposal/],
      ['a proposal with a round', async () => parts({ proposal: proposal({ round: 2 }) }), /must have round 0, got 2/],
      ['a proposal with votes in it', async () => parts({ proposal: proposal({ votes: [await scope.vote(scope.proposal(), 1, true)] }) }), /without votes/],
      ['a proposal with another name', async () => parts({ proposal: proposal({ name: 'Another' }) }), /the id must be/],
      ['a proposal for a number of voters that is not the scope\'s', async () => parts({ on: scope.proposal({ expectedVotersCount: 4 }) }), /expectedVotersCount must be 5/],
      ['a proposal of somebody who may not propose', async () => parts({ on: scope.proposal({ proposalOwner: hashSigner(9).identity }) }), /not among those who may propose/],
      ['a proposal that its owner has not signed', async () => parts({ signature: await hashSigner(2).sign(new Uint8Array(32)) }), /not signed by its owner/],
      ['no signature of the proposal', async () => parts({ signature: new Uint8Array(0) }), /not signed by its owner/],
      ['too few votes', async () => parts({ votesOf: voters(1, 2, 3) }), /the votes of a quorum, 4 of 5 voters, and has 3/],
      ['no votes', async () => parts({ votes: [] }), /and has 0/],
      ['more votes than it takes', async () => parts({ votesOf: voters(1, 2, 3, 4, 5) }), /and has 5/],
      ['a vote for the other side', async () => parts({ votesOf: voters(1, 2, -3, 4) }), /votes for both sides/],
      ['both votes of one voter', async () => parts({ votesOf: voters(1, 2, 3, -3) }), /two votes of one voter/],
      ['one voter\'s vote twice', async () => parts({ votesOf: voters(1, 2, 3, 3) }), /two votes of one voter/],
      ['votes that are not in order', async () => parts({ votesOf: voters(1, 3, 2, 4) }), /in the order of their voters, and vote 3 is not/],
      ['a vote of somebody who is no voter', async () => parts({ votesOf: voters(1, 2, 3, 6) }), /not among the voters/],
      ['a vote on other content', async () => parts({ votesOf: votesOn({ parentHash: new Uint8Array(32).fill(7) }) }), /not bound to a proposal/],
      ['a vote on other content with the same id', async () => parts({ votesOf: votesOn({ parentHash: sameId() }) }), /cast on another proposal/],
      ['a vote on another id', async () => parts({ votesOf: votesOn({ proposalId: 7 }) }), /not bound to a proposal with the id 7/],
      ['a vote from before the proposal', async () => parts({ votesOf: votesOn({ timestamp: START - 1n }) }), /outside of the proposal's time/],
      ['a vote from after the expiration', async () => parts({ votesOf: votesOn({ timestamp: START + 61n }) }), /outside of the proposal's time/],
      ['a vote with a wrong hash', async () => parts({ votesOf: votesOn({ voteHash: new Uint8Array(32) }) }), /vote hash/],
      ['a vote without a signature', async () => parts({ votesOf: votesOn({ signature: new Uint8Array(0) }) }), /not signed/],
      ['a vote that somebody else has signed', async () => parts({ votesOf: votesOn({ signature: new Uint8Array(32) }) }), /signature was not made/],
      ['a vote that is none', async () => parts({ votes: [Uint8Array.of(7)] }), /vote/]
    ]

    for (const [what, make, reason] of wrong) {
      it(`with ${what}`, async () => {
        expect(await reasonOf(encode(await make()))).to.match(reason)
      })
    }

    it('with a field more, one twice, or fields in another order', async () => {
      const bytes = encode(await parts())

      expect(await reasonOf(new Uint8Array([...bytes, 0x28, 1]))).to.include('canonical')
      expect(await reasonOf(new Uint8Array([...bytes, 0x1a, 1, 1]))).to.include('canonical')
      expect(await reasonOf(new Uint8Array([0x1a, 1, 1, ...bytes]))).to.include('canonical')
    })

    it('if it is larger than any certificate', async () => {
      expect(await reasonOf(new Uint8Array(8 * 1024 * 1024 + 1))).to.include('none has more than')
    })

    it('by saying who and what it is about', async () => {
      const error = await rejection(verifyCertificate(encode(await parts({ votesOf: voters(1, 2, 3, 6) })), options))

      expect(error).to.deep.include({ proposalId: scope.proposal().proposalId, owner: hashSigner(6).identity })
    })
  })

  describe('whatever is changed in it', () => {
    let bytes: Uint8Array

    before(async () => {
      bytes = encode(await parts())
    })

    it('is refused with any byte changed', async function () {
      this.timeout(60_000)

      for (let position = 0; position < bytes.byteLength; position++) {
        const changed = bytes.slice()

        changed[position] ^= 1 << (position % 8)
        await reasonOf(changed)
      }
    })

    it('is refused with bytes changed to any other, put in, or taken out', async () => {
      await fc.assert(fc.asyncProperty(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), fc.constantFrom('change', 'insert', 'remove'), async (position, difference, how) => {
        const changed = [...bytes]

        if (how === 'insert') {
          changed.splice(position, 0, difference)
        } else if (how === 'remove') {
          changed.splice(position, 1 + difference % 4)
        } else {
          changed[position] ^= difference
        }

        await reasonOf(Uint8Array.from(changed))
      }), { numRuns: 500 })
    })

    it('is refused wherever it is cut off', async () => {
      for (let length = 0; length < bytes.byteLength; length++) {
        await reasonOf(bytes.subarray(0, length))
      }
    })

    it('is refused with votes left out, added, swapped or doubled', async () => {
      const all = await parts()

      await fc.assert(fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 6 }), async positions => {
        fc.pre(positions.join() !== '0,1,2,3')
        await reasonOf(encode({ ...all, votes: positions.map(position => all.votes[position]) }))
      }), { numRuns: 300 })
    })
  })

  it('can be made of any decided session, with as many votes as decide', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.constantFrom('2/3', '1/2', '3/5', '9/10', '1/1'), fc.boolean(), fc.infiniteStream(fc.nat()), async (n, threshold, choice, order) => {
      const members = new ProvingScope(n, { threshold })
      const voters = Array.from({ length: n }, (_, index) => ({ voter: index + 1, place: order.next().value ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ voter }) => voter)
      const size = quorumOf(n, threshold)
      const session = await members.session(voters.slice(0, size).map(voter => choice ? voter : -voter))
      const { result, votes } = await verifyCertificate(makeCertificate(session, members.policy), { policyDigest: members.digest, scheme: hashScheme })

      expect(result).to.equal(choice)
      expect(votes).to.have.lengthOf(size)
    }), { numRuns: 100 })
  })

  it('cannot be made of what nothing proves, which is said', async () => {
    const undecided = await scope.session([1, 2])
    const open = new ProvingScope(5, { voters: null })
    const decided = await scope.session([1, 2, 3, 4])
    const { signature, ...unsigned } = { ...decided, votes: decided.encodedVotes() }

    for (const [session, policy, reason] of [
      [undecided, scope.policy, 'not decided yet'],
      [(await scope.session([-1, -2])).timeOut().session, scope.policy, 'no result'],
      [await open.session([1, 2, 3]), open.policy, 'Anybody may vote'],
      [decided, new ProvingScope(6).policy, 'another policy'],
      [ConsensusSession.fromParts(unsigned), scope.policy, 'signature of the announcement is not there'],
      [ConsensusSession.fromParts({ ...decided, votes: decided.encodedVotes().slice(1) }), scope.policy, 'kept no longer'],
      [ConsensusSession.create(scope.proposal(), { ...decided.config, decisionRule: 'reference' }, START), scope.policy, 'decision rule "reference"']
    ] as const) {
      expect(() => makeCertificate(session, policy)).to.throw(reason).with.property('name', 'ProofUnavailableError')
    }
  })
})

/** Another digest that gives the same proposal id */
function sameId (): Uint8Array {
  const digest = new Uint8Array(32).fill(7)

  new DataView(digest.buffer).setUint32(0, scope.proposal().proposalId)

  return digest
}
