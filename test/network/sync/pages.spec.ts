import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { inPages } from '../../../src/network/sync/pages.ts'
import type { Page } from '../../../src/network/sync/pages.ts'

async function pagesOf (lengths: number[], maxLength: number): Promise<Array<Page<number>>> {
  const pages: Array<Page<number>> = []

  for await (const page of inPages(lengths, length => length, maxLength)) {
    pages.push(page)
  }

  return pages
}

function sum (numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

describe('pages', () => {
  it('hold everything in order, are bounded, and only the last says it is', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(100)), async lengths => {
      const pages = await pagesOf(lengths, 60)

      expect(pages.flatMap(({ items }) => items)).to.deep.equal(lengths)
      expect(pages.map(({ more }) => more)).to.deep.equal(pages.map((_, index) => index < pages.length - 1))
      expect(pages.every(({ items }) => items.length <= 1 || sum(items) <= 60)).to.equal(true)
      expect(pages.every(({ items, more }) => items.length > 0 || !more)).to.equal(true)
    }))
  })

  it('are one, an empty one, where there is nothing', async () => {
    expect(await pagesOf([], 60)).to.deep.equal([{ items: [], more: false }])
  })

  it('read no more than a page and an item ahead', async () => {
    let read = 0

    function * endless (): Generator<number> {
      for (;;) {
        read++
        yield 10
      }
    }

    const { value } = await inPages(endless(), length => length, 100).next()

    expect(value).to.have.property('items').with.length(10)
    expect(read).to.be.at.most(11)
  })
})
