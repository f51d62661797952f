import { defaultLogger } from '@libp2p/logger'
import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { ProofBook } from '../../../src/network/restore/proof-book.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { encodeHeldProofs } from '../../../src/storage/level/records.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { HeldProof } from '../../../src/consensus/proofs/member-proof.ts'
import type { PolicyStorage } from '../../../src/consensus/storage/interface.ts'

const VOTER = new Uint8Array(20).fill(1)
const SCOPE = { key: 'council/digest', name: 'council', signal: new AbortController().signal } as any

/** A proof with this count; the copies of the voter's locks have other marks */
function held (count: number, copy = 0): HeldProof {
  const mark = new Uint8Array(16).fill(copy)

  mark[0] = count

  return { proof: { voter: VOTER, issued: BigInt(count), expires: 100n, count: BigInt(count), mark, signature: new Uint8Array(65) }, peer: 'peer' }
}

describe('the book of proofs', () => {
  const folder = useTempFolder()
  let tasks: Array<Promise<void>>

  beforeEach(() => { tasks = [] })

  function create (storage: PolicyStorage): ProofBook {
    return new ProofBook({ storage, locks: {} as any, log: defaultLogger().forComponent('test'), track: task => { tasks.push(task) } })
  }

  async function open (storage: PolicyStorage = new MemoryStorage()): Promise<ProofBook> {
    const book = create(storage)

    await book.enter(SCOPE)

    return book
  }

  /** What a node is given back that shows a proof */
  function givenBack (book: ProofBook, { proof }: HeldProof): Array<[number, number]> {
    return book.toGiveBack(SCOPE, proof).map(({ proof: { count, mark } }) => [Number(count), mark[1]])
  }

  function take (book: ProofBook, proofs: HeldProof[]): void {
    book.onTaken(SCOPE, VOTER, proofs.map(({ proof: { mark } }) => mark))
  }

  it('replaces no stored proof by a lower one that arrives while it is read, and gives none back before', async () => {
    const storage = new MemoryStorage()
    const read = pDefer()
    const list = storage.listHeldProofs.bind(storage)

    await storage.saveHeldProofs(SCOPE.key, VOTER, [held(9)])
    storage.listHeldProofs = async key => {
      await read.promise

      return list(key)
    }

    const book = create(storage)
    const entered = book.enter(SCOPE)

    book.add(SCOPE, held(4))
    expect(givenBack(book, held(4))).to.be.empty()

    read.resolve()
    await entered
    await Promise.all(tasks)
    expect(givenBack(book, held(4))).to.deep.equal([[9, 0]])
    expect((await list(SCOPE.key)).map(({ proof }) => proof.count)).to.deep.equal([9n])
  })

  it('gives back the highest proof to a node that is behind, and to one that knows it', async () => {
    const book = await open()

    book.add(SCOPE, held(9))
    book.add(SCOPE, held(7, 1))
    expect(givenBack(book, held(7, 1))).to.deep.equal([[9, 0]])
    expect(givenBack(book, held(9))).to.deep.equal([[9, 0]])
    // a proof of the same locks that is renewed tells nothing
    book.add(SCOPE, { ...held(9), proof: { ...held(9).proof, issued: 10n } })
    expect(givenBack(book, held(7, 1))).to.deep.equal([[9, 0]])
  })

  it('gives a proof back until it was taken in, whatever was shown since', async () => {
    const book = await open()

    book.add(SCOPE, held(9))
    book.add(SCOPE, held(10, 1))
    expect(givenBack(book, held(10, 1))).to.deep.equal([[9, 0]])
    book.add(SCOPE, held(11, 1))
    book.add(SCOPE, held(11, 2))
    expect(givenBack(book, held(11, 1))).to.deep.equal([[11, 2], [10, 1], [9, 0]])

    take(book, [held(11, 2), held(10, 1), held(9)])
    expect(givenBack(book, held(12, 2))).to.deep.equal([[11, 1]])
    take(book, [held(11, 1)])
    expect(givenBack(book, held(12, 2))).to.deep.equal([[11, 1]])
  })

  it('keeps at most eight proofs of a voter: the oldest that were not taken in, and the newest', async () => {
    const book = await open()

    for (let count = 1; count <= 20; count++) {
      book.add(SCOPE, held(count))
    }

    expect(givenBack(book, held(21))).to.deep.equal([20, 19, 18, 17, 4, 3, 2, 1].map(count => [count, 0]))
  })

  it('holds what is in LevelDB after a restart, as it was', async () => {
    let storage = await LevelStorage.open(folder.path)
    let book = await open(storage)
    const restart = async (): Promise<void> => {
      await Promise.all(tasks)
      await storage.close()
      storage = await LevelStorage.open(folder.path)
      book = await open(storage)
    }

    book.add(SCOPE, held(9))
    book.add(SCOPE, held(10, 1))
    await restart()
    expect(givenBack(book, held(10, 1))).to.deep.equal([[9, 0]])
    expect(encodeHeldProofs(book.toGiveBack(SCOPE, held(8, 1).proof))).to.deep.equal(encodeHeldProofs([held(10, 1), held(9)]))

    take(book, [held(9)])
    await restart()
    expect(givenBack(book, held(8, 1))).to.deep.equal([[10, 1]])
    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })
})
