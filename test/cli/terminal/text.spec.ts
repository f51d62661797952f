import { expect } from 'aegir/chai'
import * as fc from 'fast-check'
import { makeBar } from '../../../src/cli/terminal/bar.ts'
import { cutTo, joinWithin, padEndTo, spread, textWidth } from '../../../src/cli/terminal/text.ts'

const RED = '\u001b[31m'
const DEFAULT = '\u001b[39m'

describe('text in a terminal', () => {
  it('takes a column a character, two for those of East Asia and for pictures, none for accents and colours', () => {
    expect(textWidth('abc')).to.equal(3)
    expect(textWidth('漢字')).to.equal(4)
    expect(textWidth('🗳✅')).to.equal(3)
    expect(textWidth('e\u0301')).to.equal(1)
    expect(textWidth('می\u200cخواهم')).to.equal(7)
    expect(textWidth('👨\u200d👩')).to.equal(4)
    expect(textWidth(`${RED}no${DEFAULT}`)).to.equal(2)
  })

  it('is cut with an ellipsis, and its colours end there', () => {
    expect(cutTo('abcdef', 6)).to.equal('abcdef')
    expect(cutTo('abcdef', 4)).to.equal('abc…')
    expect(cutTo('漢字漢字', 4)).to.equal('漢…')
    expect(cutTo(`${RED}abcdef${DEFAULT}`, 3)).to.equal(`${RED}ab…\u001b[0m`)
    expect(cutTo('abc', 0)).to.equal('')
  })

  it('never takes more columns than there are', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.integer({ min: 0, max: 100 }), (left, right, columns) => {
      const [a, b] = [left, right].map(text => text.replaceAll(/\p{C}/gu, ''))

      expect(textWidth(cutTo(a, columns))).to.be.at.most(columns)
      expect(textWidth(spread(a, b, columns))).to.be.at.most(Math.max(columns, 0))
      expect(textWidth(joinWithin([a, b, a], ', ', columns))).to.be.at.most(columns)
    }))
  })

  it('is spread over a line, where the left end gives way', () => {
    expect(spread('name', '5 s', 10)).to.equal('name   5 s')
    expect(spread('a long name', '5 s', 10)).to.equal('a lon… 5 s')
    expect(spread('a long name', '5 s', 3)).to.equal('5 s')
    expect(padEndTo('漢', 4)).to.equal('漢  ')
  })

  it('says how many items there was no room for', () => {
    expect(joinWithin(['one', 'two', 'three'], ', ', 20)).to.equal('one, two, three')
    expect(joinWithin(['one', 'two', 'three'], ', ', 14)).to.equal('one, +2 more')
    expect(joinWithin(['three thousand', 'two'], ', ', 8)).to.equal('2 in all')
  })
})

describe('the bar of a tally', () => {
  const draw = (votes: number, quorum: number, voters: number, columns: number): string => {
    const { before, mark, after } = makeBar(votes, quorum, voters, columns)

    return before.full + before.rest + mark + after.full + after.rest
  }

  it('shows what has been voted and where the quorum is', () => {
    expect(draw(0, 4, 5, 11)).to.equal('░░░░░░░░┃░░')
    expect(draw(2, 4, 5, 11)).to.equal('████░░░░┃░░')
    expect(draw(4, 4, 5, 11)).to.equal('████████┃░░')
    expect(draw(5, 4, 5, 11)).to.equal('████████┃██')
  })

  it('reaches the mark if and only if the votes are a quorum', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), fc.nat(), fc.integer({ min: 3, max: 80 }), (voters, a, b, columns) => {
      const quorum = 1 + a % voters
      const votes = b % (voters + 1)
      const { before } = makeBar(votes, quorum, voters, columns)

      expect(before.rest === '').to.equal(votes >= quorum)
      expect(draw(votes, quorum, voters, columns)).to.have.lengthOf(columns)
    }))
  })
})
