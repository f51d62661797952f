import { hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { HaveSets } from '../../../src/network/sync/have-set.ts'

const VOTERS = Array.from({ length: 300 }, (_, index) => `0x${index.toString(16).padStart(40, '0')}`)
const owner = (index: number): Uint8Array => hexToBytes(index.toString(16).padStart(40, '0'))

const votes = (voters: number): fc.Arbitrary<Array<{ voteOwner: Uint8Array, vote: boolean }>> =>
  fc.uniqueArray(fc.record({ index: fc.nat(voters - 1), vote: fc.boolean() }), { selector: ({ index, vote }) => `${index} ${vote}` })
    .map(list => list.map(({ index, vote }) => ({ voteOwner: owner(index), vote })))

describe('have-set', () => {
  for (const [what, sets, length] of [
    ['of listed voters', (voters: number) => new HaveSets(VOTERS.slice(0, voters)), (voters: number) => Math.ceil(voters / 4)],
    ['of anybody', () => new HaveSets(null), (voters: number, count: number) => 16 * count]
  ] as Array<[string, (voters: number) => HaveSets, (voters: number, count: number) => number]>) {
    describe(what, () => {
      const some = fc.integer({ min: 1, max: 300 }).chain(voters => fc.tuple(fc.constant(voters), votes(voters)))

      it('has what was added and nothing else, here and where it is decoded', () => {
        fc.assert(fc.property(some, ([voters, list]) => {
          const have = sets(voters).of(list)
          const bytes = have.encode()
          const there = sets(voters).decode(bytes)

          expect(bytes.byteLength).to.be.at.most(length(voters, list.length))
          expect(there.encode()).to.equalBytes(bytes)

          for (const set of [have, there]) {
            expect(set.size).to.equal(list.length)

            for (let index = 0; index < voters; index++) {
              for (const vote of [true, false]) {
                expect(set.has({ voteOwner: owner(index), vote })).to.equal(list.some(other => other.vote === vote && other.voteOwner[19] === (index & 255) && other.voteOwner[18] === index >> 8))
              }
            }
          }
        }), { numRuns: 30 })
      })

      it('is the same in whatever order, and however often, votes are added', () => {
        fc.assert(fc.property(some, ([voters, list]) => {
          expect(sets(voters).of([...list, ...list].reverse()).encode()).to.equalBytes(sets(voters).of(list).encode())
        }))
      })

      it('refuses or reads whatever bytes there are, and never more than a vote a voter and value', () => {
        fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.uint8Array({ maxLength: 90 }), (voters, bytes) => {
          try {
            const set = sets(voters).decode(bytes)
            expect(set.size).to.be.at.most(what === 'of anybody' ? bytes.byteLength / 16 : 2 * voters)
          } catch (err: any) {
            expect(err.name).to.equal('SyncFaultError')
          }
        }))
      })
    })
  }

  it('has no place for who is not listed', () => {
    const set = new HaveSets(VOTERS.slice(0, 3)).of([{ voteOwner: owner(3), vote: true }])

    expect(set.size).to.equal(0)
    expect(set.has({ voteOwner: owner(3), vote: true })).to.equal(false)
  })

  it('refuses voters that there are not, prefixes out of order, and too many', () => {
    const three = new HaveSets(VOTERS.slice(0, 3))

    expect(three.decode(Uint8Array.of(0x3f)).size).to.equal(6)
    expect(() => three.decode(Uint8Array.of(0x40))).to.throw(/more than 3 voters/)
    expect(() => three.decode(Uint8Array.of(1, 0))).to.throw(/2 bytes for 3 voters/)

    const open = new HaveSets(null)
    const prefixes = open.of([{ voteOwner: owner(1), vote: true }, { voteOwner: owner(2), vote: true }]).encode()

    expect(() => open.decode(prefixes.subarray(0, 15))).to.throw(/15 bytes/)
    expect(() => open.decode(Uint8Array.of(...prefixes.subarray(16), ...prefixes.subarray(0, 16)))).to.throw(/ascending/)
    expect(() => open.decode(new Uint8Array(16 * 11_001))).to.throw(/at most 11000 votes/)
  })
})
