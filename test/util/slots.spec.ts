import { expect } from 'aegir/chai'
import { Slots } from '../../src/util/slots.ts'

describe('slots', () => {
  it('bound the items of each key, and the bytes in them', () => {
    const slots = new Slots<string>({ items: 2, bytes: 10 })

    expect(slots.isIdle('a')).to.equal(true)
    slots.take('a', 4)
    expect(slots.isIdle('a')).to.equal(false)
    expect([slots.hasRoom('a', 6), slots.hasRoom('a', 7), slots.hasRoom('b', 7)]).to.deep.equal([true, false, true])
    slots.take('a', 1)
    expect(slots.hasRoom('a', 0)).to.equal(false)
    slots.free('a', 4)
    expect([slots.hasRoom('a', 9), slots.hasRoom('a', 10)]).to.deep.equal([true, false])
    slots.free('a', 1)
    expect(slots.isIdle('a')).to.equal(true)
  })

  it('have room for an item larger than the limit while it is alone', () => {
    const slots = new Slots<string>({ items: 2, bytes: 10 })

    expect(slots.hasRoom('a', 11)).to.equal(true)
    slots.take('a', 11)
    expect(slots.hasRoom('a', 0)).to.equal(false)
    slots.free('a', 11)
    expect(slots.hasRoom('a', 11)).to.equal(true)
  })
})
