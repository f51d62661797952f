import { defaultLogger } from '@libp2p/logger'
import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import { MemoryStorage } from '../../../src/consensus/memory-storage.ts'
import { ProofBook } from '../../../src/network/restore/proof-book.ts'
import type { HeldProof } from '../../../src/consensus/member-proof.ts'

const VOTER = new Uint8Array(20).fill(1)
const SCOPE = { key: 'council/digest', name: 'council' } as any

function held (count: bigint): HeldProof {
  return { proof: { voter: VOTER, issued: 0n, expires: 1n, count, mark: new Uint8Array(16).fill(Number(count)), signature: new Uint8Array(65) }, peer: 'peer' }
}

describe('the book of proofs', () => {
  it('replaces no stored proof by a lower one that arrives while it is read, and gives none back before', async () => {
    const storage = new MemoryStorage()
    const read = pDefer()
    const list = storage.listHeldProofs.bind(storage)
    const tasks: Array<Promise<void>> = []

    await storage.saveHeldProofs(SCOPE.key, VOTER, [held(9n)])
    storage.listHeldProofs = async key => {
      await read.promise

      return list(key)
    }

    const book = new ProofBook({ storage, locks: {} as any, log: defaultLogger().forComponent('test'), track: task => { tasks.push(task) } })
    const entered = book.enter(SCOPE)

    book.add(SCOPE, held(4n))
    expect(book.highest(SCOPE, VOTER)).to.equal(undefined)

    read.resolve()
    await entered
    await Promise.all(tasks)
    expect(book.highest(SCOPE, VOTER)?.proof.count).to.equal(9n)
    expect((await list(SCOPE.key)).map(({ proof }) => proof.count)).to.deep.equal([9n])
  })
})
