import { expect } from 'aegir/chai'
import { buildVote, computeVoteHash, encodeVote, signedPayload, validateVote, validateVoteChain } from '../../../src/consensus/index.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { cast, rejection, START } from '../fixtures/service.ts'
import type { Vote } from '../../../src/consensus/index.ts'

const [alice, bob] = [1, 2].map(hashSigner)
const times = { timestamp: START, expirationTimestamp: START + 60n }
const EMPTY = new Uint8Array(0)

describe('buildVote', () => {
  it('links the vote to the last one, and to the owner\'s own last one', async () => {
    const first = await cast(alice, 42, true)
    const second = await cast(bob, 42, true, { votes: [first] })
    const third = buildVote({ proposalId: 42, owner: alice.identity, choice: false, timestamp: START, votes: [first, second] })

    expect(third.receivedHash).to.deep.equal(second.voteHash)
    expect(third.parentHash).to.deep.equal(first.voteHash)
    expect(third.voteHash).to.deep.equal(computeVoteHash(third))
    expect(third.signature).to.be.empty()
    expect(third).to.deep.include({ proposalId: 42, voteOwner: alice.identity, vote: false, timestamp: START })
  })

  it('takes the last of several votes of the owner for its own', async () => {
    const first = await cast(alice, 42, true)
    const second = await cast(alice, 42, false, { votes: [first] })

    expect(buildVote({ proposalId: 42, owner: alice.identity, choice: true, timestamp: START, votes: [first, second] }).parentHash).to.deep.equal(second.voteHash)
  })

  it('leaves the links empty where there is no vote', () => {
    expect(buildVote({ proposalId: 42, owner: alice.identity, choice: true, timestamp: START, votes: [] })).to.deep.include({ receivedHash: EMPTY, parentHash: EMPTY })
  })

  it('gives each vote an id of its own', () => {
    const ids = Array.from({ length: 100 }, () => buildVote({ proposalId: 42, owner: alice.identity, choice: true, timestamp: START, votes: [] }).voteId)

    expect(new Set(ids).size).to.equal(100)
    expect(ids.every(id => Number.isInteger(id) && id >= 0 && id < 2 ** 32)).to.equal(true)
    expect(ids.some(id => id >= 2 ** 31)).to.equal(true)
  })
})

describe('signedPayload', () => {
  it('has the vote hash and not the signature', async () => {
    const vote = await cast(alice, 42, true)

    expect(signedPayload(vote)).to.deep.equal(signedPayload({ ...vote, signature: EMPTY }))
    expect(signedPayload(vote)).to.not.deep.equal(signedPayload({ ...vote, voteHash: EMPTY }))
  })

  it('is the encoding of the vote without its signature, however long that is', async () => {
    const unsigned = { ...await cast(alice, 42, true), signature: EMPTY }

    for (const length of [0, 1, 65, 127, 128, 16_383, 16_384, 100_000]) {
      expect(signedPayload({ ...unsigned, signature: new Uint8Array(length).fill(1) })).to.deep.equal(encodeVote(unsigned))
    }
  })
})

describe('validateVote', () => {
  it('names the first thing that is wrong, in the protocol\'s order', async () => {
    const vote = await cast(alice, 42, true, { timestamp: START - 1n })
    const late = { timestamp: START, expirationTimestamp: START - 2n }
    const broken: Array<[string, Partial<Vote>]> = [
      ['EmptyVoteOwnerError', { voteOwner: EMPTY, voteHash: EMPTY, signature: EMPTY }],
      ['EmptyVoteHashError', { voteHash: EMPTY, signature: EMPTY }],
      ['EmptySignatureError', { voteHash: Uint8Array.of(1), signature: EMPTY }],
      ['InvalidVoteHashError', { voteHash: Uint8Array.of(1), signature: Uint8Array.of(1) }],
      ['SignatureSchemeError', { signature: Uint8Array.of(1) }],
      ['InvalidVoteSignatureError', { signature: new Uint8Array(32) }],
      ['TimestampOlderThanCreationTimeError', {}]
    ]

    for (const [error, values] of broken) {
      const err = await rejection(validateVote({ ...vote, ...values }, late, START, hashScheme))

      expect(err).to.have.property('name', error)
      expect(err).to.have.property('proposalId', 42)
    }
  })

  it('takes a vote from the proposal\'s time to its expiration, both included', async () => {
    for (const timestamp of [times.timestamp, times.expirationTimestamp]) {
      await validateVote(await cast(alice, 42, true, { timestamp }), times, times.expirationTimestamp, hashScheme)
    }

    expect(await rejection(validateVote(await cast(alice, 42, true, { timestamp: START + 61n }), times, START, hashScheme))).to.have.property('name', 'VoteExpiredError')
    expect(await rejection(validateVote(await cast(alice, 42, true), times, START + 61n, hashScheme))).to.have.property('name', 'VoteExpiredError')
  })

  it('does not look at links', async () => {
    const links = { parentHash: new Uint8Array(5).fill(1), receivedHash: new Uint8Array(70).fill(2) }

    await validateVote(await cast(alice, 42, true, { values: links }), times, START, hashScheme)
  })
})

describe('validateVoteChain', () => {
  async function chain (): Promise<[Vote, Vote, Vote]> {
    const first = await cast(alice, 42, true)
    const second = await cast(bob, 42, true, { votes: [first], timestamp: START + 1n })
    const third = await cast(alice, 42, true, { votes: [first, second], timestamp: START + 2n })

    return [first, second, third]
  }

  function refused (votes: Vote[], error: string): void {
    expect(() => { validateVoteChain(votes) }).to.throw().with.property('name', error)
  }

  it('takes votes that are linked, and votes without links', async () => {
    const votes = await chain()

    validateVoteChain(votes)
    validateVoteChain(votes.map(vote => ({ ...vote, receivedHash: EMPTY, parentHash: EMPTY })))
  })

  it('does not check a list of one, nor what the first of several was built on', async () => {
    const [first, second, third] = await chain()

    validateVoteChain([])
    validateVoteChain([third])
    validateVoteChain([{ ...first, receivedHash: Uint8Array.of(1) }, second])
  })

  it('refuses a vote that was not built on the one before it, or earlier than that', async () => {
    const [first, second, third] = await chain()

    refused([first, third], 'ReceivedHashMismatchError')
    refused([first, { ...second, timestamp: START - 1n }], 'ReceivedHashMismatchError')
    validateVoteChain([first, { ...second, timestamp: START - 1n, receivedHash: EMPTY }])
  })

  it('refuses a parent that is unknown, later, its own, or another\'s', async () => {
    const [first, second, third] = await chain()

    refused([first, second, { ...third, parentHash: Uint8Array.of(1) }], 'ParentHashMismatchError')
    refused([first, second, { ...third, parentHash: second.voteHash }], 'ParentHashMismatchError')
    refused([first, second, { ...third, parentHash: third.voteHash }], 'ParentHashMismatchError')
    refused([{ ...first, parentHash: third.voteHash }, second, third], 'ParentHashMismatchError')
    refused([{ ...first, timestamp: START + 3n }, { ...second, timestamp: START + 3n }, { ...third, receivedHash: EMPTY }], 'ParentHashMismatchError')
  })
})
