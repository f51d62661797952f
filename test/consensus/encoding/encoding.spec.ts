import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { decodeProposal, decodeVote, encodeProposal, encodeVote } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, votedProposal } from '../fixtures/service.ts'
import type { Proposal, Vote } from '../../../src/consensus/index.ts'

const uint32 = fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1))
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n))
const bytes = fc.uint8Array({ maxLength: 200 })
const vote: fc.Arbitrary<Vote> = fc.record({
  voteId: uint32,
  voteOwner: bytes,
  proposalId: uint32,
  timestamp: uint64,
  vote: fc.boolean(),
  parentHash: bytes,
  receivedHash: bytes,
  voteHash: bytes,
  signature: bytes
}, { noNullPrototype: true })
const proposal: fc.Arbitrary<Proposal> = fc.record({
  name: fc.string({ unit: 'binary', maxLength: 60 }),
  payload: bytes,
  proposalId: uint32,
  proposalOwner: bytes,
  votes: fc.array(vote, { maxLength: 4 }),
  expectedVotersCount: uint32,
  round: uint32,
  timestamp: uint64,
  expirationTimestamp: uint64,
  livenessCriteriaYes: fc.boolean()
}, { noNullPrototype: true })

interface Field {
  number: number
  /** The whole field with its tag */
  bytes: Uint8Array
}

function readVarint (input: Uint8Array, offset: number): { value: number, end: number } {
  let value = 0
  let scale = 1

  for (;; scale *= 128) {
    const byte = input.at(offset++) ?? expect.fail('a varint without an end')
    value += (byte & 127) * scale

    if (byte < 128) {
      return { value, end: offset }
    }
  }
}

/** The fields of a message, by a reader of its own: only numbers and lengths are needed */
function fieldsOf (input: Uint8Array): Field[] {
  const fields: Field[] = []

  for (let start = 0; start < input.byteLength;) {
    const tag = readVarint(input, start)
    const first = readVarint(input, tag.end)
    const end = tag.value % 8 === 0 ? first.end : first.end + first.value

    fields.push({ number: Math.floor(tag.value / 8), bytes: input.subarray(start, end) })
    start = end
  }

  return fields
}

describe('canonical encoding', () => {
  it('gives back the vote and the bytes, and shares no memory with them', () => {
    fc.assert(fc.property(vote, vote => {
      const encoded = encodeVote(vote)
      const decoded = decodeVote(encoded)

      expect(decoded).to.deep.equal(vote)
      expect(encodeVote(decoded)).to.deep.equal(encoded)

      encoded.fill(0xff)
      expect(decoded).to.deep.equal(vote)
    }), { numRuns: 500 })
  })

  it('gives back the proposal and the bytes', () => {
    fc.assert(fc.property(proposal, proposal => {
      const encoded = encodeProposal(proposal)
      const decoded = decodeProposal(encoded)

      expect(decoded).to.deep.equal(proposal)
      expect(encodeProposal(decoded)).to.deep.equal(encoded)
    }), { numRuns: 500 })
  })

  it('writes the times after January 2038, which do not fit 31 bits', () => {
    const empty = decodeVote(new Uint8Array(0))

    for (const [timestamp, hex] of [
      [2n ** 31n - 1n, 'b801ffffffff07'],
      [2n ** 31n, 'b8018080808008'],
      [2n ** 32n - 1n, 'b801ffffffff0f'],
      [2n ** 32n, 'b8018080808010'],
      [2n ** 63n, 'b80180808080808080808001'],
      [2n ** 64n - 1n, 'b801ffffffffffffffffff01']
    ] as const) {
      expect(bytesToHex(encodeVote({ ...empty, timestamp }))).to.equal(hex)
      expect(decodeVote(hexToBytes(hex)).timestamp).to.equal(timestamp)
    }
  })

  it('has the fields in ascending number and leaves defaults out', () => {
    fc.assert(fc.property(proposal, proposal => {
      const numbers = fieldsOf(encodeProposal(proposal)).map(({ number }) => number)

      expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b))
      expect(numbers.includes(10)).to.equal(proposal.name !== '')
      expect(numbers.includes(16)).to.equal(proposal.round !== 0)
      expect(numbers.includes(19)).to.equal(proposal.livenessCriteriaYes)
      expect(numbers.filter(number => number === 14)).to.have.lengthOf(proposal.votes.length)
    }))
  })

  it('keeps a name as it is, with a byte order mark, zeros and characters beyond the first plane', () => {
    fc.assert(fc.property(proposal, fc.constantFrom('\ufeffname', 'a\0b', '🗳️', '\u{10ffff}', '\uffff', 'é'.normalize('NFD')), (proposal, name) => {
      expect(decodeProposal(encodeProposal({ ...proposal, name })).name).to.equal(name)
    }))
  })
})

describe('bytes that are no canonical encoding', () => {
  const full: Vote = {
    voteId: 5,
    voteOwner: new Uint8Array(20).fill(1),
    proposalId: 42,
    timestamp: 1_700_000_000n,
    vote: true,
    parentHash: new Uint8Array(32).fill(2),
    receivedHash: new Uint8Array(32).fill(3),
    voteHash: new Uint8Array(32).fill(4),
    signature: new Uint8Array(65).fill(5)
  }
  const encoded = encodeVote(full)
  const fields = fieldsOf(encoded)

  function refused (bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown = decodeVote): void {
    expect(() => decode(bytes)).to.throw().with.property('name', 'NonCanonicalEncodingError')
  }

  it('are refused when a field is unknown', () => {
    for (const unknown of [[0x08, 1], [0x52, 1, 65], [0xe8, 0x01, 1], [0xf5, 0x01, 1, 2, 3, 4], [0xf1, 0x01, 1, 2, 3, 4, 5, 6, 7, 8]]) {
      refused(concat([encoded, Uint8Array.from(unknown)]))
      refused(concat([Uint8Array.from(unknown), encoded]))
    }
  })

  it('are refused when fields are out of order', () => {
    fc.assert(fc.property(fc.shuffledSubarray([...fields.keys()], { minLength: fields.length }), order => {
      const reordered = concat(order.map(index => fields[index].bytes))

      if (order.some((index, position) => index !== position)) {
        refused(reordered)
      } else {
        expect(decodeVote(reordered)).to.deep.equal(full)
      }
    }))
  })

  it('are refused when a field is there twice', () => {
    for (const [index, field] of fields.entries()) {
      refused(concat([...fields.slice(0, index), field, ...fields.slice(index)].map(({ bytes }) => bytes)))
    }
  })

  it('are refused when a varint is longer than it has to be', () => {
    refused(concat([Uint8Array.of(0xa0, 0x01, 0x85, 0x00), ...fields.slice(1).map(({ bytes }) => bytes)]))
    refused(concat([Uint8Array.of(0xa0, 0x81, 0x00, 0x05), ...fields.slice(1).map(({ bytes }) => bytes)]))
    refused(concat([Uint8Array.of(0xa0, 0x01, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), ...fields.slice(1).map(({ bytes }) => bytes)]))
    // a number of 33 bits in a field of 32
    refused(concat([Uint8Array.of(0xa0, 0x01, 0x85, 0x80, 0x80, 0x80, 0x10), ...fields.slice(1).map(({ bytes }) => bytes)]))
    // true as 2
    refused(concat(fields.map(({ number, bytes }) => number === 24 ? Uint8Array.of(0xc0, 0x01, 2) : bytes)))
    // a length of two bytes
    refused(concat(fields.map(({ number, bytes }) => number === 21 ? concat([Uint8Array.of(0xaa, 0x01, 0x94, 0x00), bytes.subarray(3)]) : bytes)))
  })

  it('are refused when a default is written out', () => {
    for (const [tag, value] of [[0xa0, 0], [0xaa, 0], [0xb0, 0], [0xb8, 0], [0xc0, 0], [0xca, 0], [0xd2, 0], [0xda, 0], [0xe2, 0]]) {
      refused(Uint8Array.of(tag, 0x01, value))
    }

    expect(decodeVote(new Uint8Array(0))).to.deep.include({ voteId: 0, timestamp: 0n, vote: false })
  })

  it('are refused when something follows or the end is missing', () => {
    refused(concat([encoded, Uint8Array.of(0)]))

    for (let length = 0; length < encoded.byteLength; length++) {
      const cut = encoded.subarray(0, length)
      const whole = fieldsOf(encoded).some(({ bytes }) => bytes.byteOffset + bytes.byteLength === cut.byteOffset + length)

      if (length > 0 && !whole) {
        refused(cut)
      }
    }
  })

  it('are refused when a field has another wire type', () => {
    refused(concat([Uint8Array.of(0xa2, 0x01, 1, 5), ...fields.slice(1).map(({ bytes }) => bytes)]))
  })

  it('are refused when a name is no UTF-8', () => {
    for (const name of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xed, 0xb0, 0x80], [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80], [0xe4], [0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
      refused(Uint8Array.of(0x52, name.length, ...name), decodeProposal)
      refused(Uint8Array.of(0x52, name.length, ...name, 0x60, 5), decodeProposal)
    }
  })

  it('are refused inside a proposal too', async () => {
    const proposal = await votedProposal([true, false])
    const whole = fieldsOf(encodeProposal(proposal))
    const inner = encodeVote(await cast(hashSigner(1), 42, true))
    const longer = concat([inner, Uint8Array.of(0x08, 1)])
    const field = concat([Uint8Array.of(0x72), Uint8Array.of(longer.byteLength & 127 | 128, longer.byteLength >> 7), longer])

    refused(concat(whole.map(({ number, bytes }) => number === 14 ? field : bytes)), decodeProposal)
  })

  it('are refused when any one bit of the structure is another, or mean another vote', () => {
    fc.assert(fc.property(fc.nat({ max: encoded.byteLength - 1 }), fc.nat({ max: 7 }), (position, bit) => {
      const mutated = Uint8Array.from(encoded)
      mutated[position] ^= 1 << bit

      try {
        expect(encodeVote(decodeVote(mutated))).to.deep.equal(mutated)
      } catch (err: any) {
        expect(err.name).to.equal('NonCanonicalEncodingError')
      }
    }), { numRuns: 1000 })
  })

  it('are refused when they are not bytes', () => {
    for (const value of ['a0012a', [1, 2], null, undefined, 5, new ArrayBuffer(4)]) {
      expect(() => decodeVote(value as any)).to.throw(TypeError, 'vote must be a Uint8Array')
    }
  })
})
