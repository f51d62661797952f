import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { buildVote, computeVoteHash, proposalIdOf, signedPayload } from '../../../src/consensus/index.ts'
import { digestOf, POLICY_DIGEST } from '../fixtures/quorum.ts'
import { foreignProposal } from '../fixtures/service.ts'
import type { Proposal } from '../../../src/consensus/index.ts'

// made with another program: Python's hashlib and a few lines that write Protocol Buffers

interface VoteCase {
  voteId: number
  owner: string
  timestamp: bigint
  choice: boolean
  hash: string
  payload: string
}

const CASES: Array<{ what: string, proposal: Partial<Proposal>, digest: string, proposalId: number, votes: VoteCase[] }> = [{
  what: 'an ordinary proposal',
  proposal: { name: 'Upgrade — ü 🗳', payload: Uint8Array.of(1, 2, 3), proposalOwner: new Uint8Array(20).fill(0xaa), expectedVotersCount: 5, timestamp: 1_700_000_000n, expirationTimestamp: 1_700_000_060n, livenessCriteriaYes: true },
  digest: '4ca5ae171254edba60e5d2cc2ac3779c21f2ec9b06ae39bb2b26f3defb351d6f',
  proposalId: 1285926423,
  votes: [{
    voteId: 0xdeadbeef,
    owner: 'bb'.repeat(20),
    timestamp: 1_700_000_000n,
    choice: true,
    hash: 'cd558fefec2f0b52d877d3ffdd07dde133e936245b4d910c74a81cedba8605b0',
    payload: 'a001effdb6f50daa0114bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb00197dc96e504b80180e2cfaa06c00101ca01204ca5ae171254edba60e5d2cc2ac3779c21f2ec9b06ae39bb2b26f3defb351d6fda0120cd558fefec2f0b52d877d3ffdd07dde133e936245b4d910c74a81cedba8605b0'
  }, {
    voteId: 1,
    owner: '02',
    timestamp: 1_700_000_060n,
    choice: false,
    hash: '2759de9cd7ce679fd87c9a49a1cf1a36250e57cc3f84d858c00f398a3f9a5818',
    payload: 'a00101aa010102b00197dc96e504b801bce2cfaa06ca01204ca5ae171254edba60e5d2cc2ac3779c21f2ec9b06ae39bb2b26f3defb351d6fda01202759de9cd7ce679fd87c9a49a1cf1a36250e57cc3f84d858c00f398a3f9a5818'
  }]
}, {
  what: 'one of the year 2039',
  proposal: { name: '', payload: new Uint8Array(0), proposalOwner: Uint8Array.of(1), expectedVotersCount: 1, timestamp: 2_200_000_000n, expirationTimestamp: 2_200_000_030n, livenessCriteriaYes: false },
  digest: '0ea92fe447c736df7f4d8a61355d45c2ba8d36dcbe2bb889e4712c8905718da3',
  proposalId: 245968868,
  votes: [{
    voteId: 0xdeadbeef,
    owner: 'bb'.repeat(20),
    timestamp: 2_200_000_000n,
    choice: true,
    hash: 'd09125e9ba56afe99fb0f6d763fe2683dce6471320b9a11276c7e1477521e045',
    payload: 'a001effdb6f50daa0114bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb001e4dfa475b80180ac859908c00101ca01200ea92fe447c736df7f4d8a61355d45c2ba8d36dcbe2bb889e4712c8905718da3da0120d09125e9ba56afe99fb0f6d763fe2683dce6471320b9a11276c7e1477521e045'
  }, {
    voteId: 1,
    owner: '02',
    timestamp: 2_200_000_030n,
    choice: false,
    hash: '248d544a2c158c9974d10fab876061ebc0b79b946cb6c7238637ad2eb037caca',
    payload: 'a00101aa010102b001e4dfa475b8019eac859908ca01200ea92fe447c736df7f4d8a61355d45c2ba8d36dcbe2bb889e4712c8905718da3da0120248d544a2c158c9974d10fab876061ebc0b79b946cb6c7238637ad2eb037caca'
  }]
}]

describe('votes that are bound to a proposal', () => {
  it('are under the policy that another program knows', () => {
    expect(bytesToHex(POLICY_DIGEST)).to.equal('3f8d8beab164520845b421f274de32b8bf17fe7e80d322e27879de70b0a4237f')
  })

  for (const { what, proposal: values, digest, proposalId, votes } of CASES) {
    it(`have the digest and the id that another program gives ${what}`, () => {
      const proposal = foreignProposal(values)

      expect(bytesToHex(digestOf(proposal))).to.equal(digest)
      expect(proposalIdOf(digestOf(proposal))).to.equal(proposalId)
      expect(proposalIdOf(hexToBytes(`00${digest}`).subarray(1))).to.equal(proposalId)
    })

    for (const { voteId, owner, timestamp, choice, hash, payload } of votes) {
      it(`have the hash and the signed bytes that another program gives for ${what}, ${choice ? 'yes' : 'no'}`, () => {
        const built = buildVote({ proposalId, owner: hexToBytes(owner), choice, timestamp, votes: [], digest: hexToBytes(digest) })
        const vote = { ...built, voteId }

        expect(bytesToHex(computeVoteHash(vote))).to.equal(hash)
        expect(bytesToHex(signedPayload({ ...vote, voteHash: computeVoteHash(vote) }))).to.equal(payload)
      })
    }
  }

  it('are linked to no other votes', () => {
    const init = { proposalId: 7, owner: Uint8Array.of(1), choice: true, timestamp: 1n, digest: POLICY_DIGEST }
    const earlier = buildVote({ ...init, votes: [] })

    expect(buildVote({ ...init, votes: [earlier] })).to.deep.include({ parentHash: POLICY_DIGEST, receivedHash: new Uint8Array(0) })
  })

  it('want the 32 bytes of a digest', () => {
    const init = { proposalId: 7, owner: Uint8Array.of(1), choice: true, timestamp: 1n, votes: [] }

    expect(() => buildVote({ ...init, digest: new Uint8Array(31) })).to.throw(TypeError, 'init.digest must be a Uint8Array of 32 bytes, got 31 bytes')
    expect(() => proposalIdOf(new Uint8Array(33))).to.throw(TypeError, 'got 33 bytes')
    expect(() => proposalIdOf('aa' as any)).to.throw(TypeError)
  })
})
