import { expect } from 'aegir/chai'
import { ExpiringSet } from '../../src/util/expiring-set.ts'

describe('an expiring set', () => {
  it('has a key for its time', () => {
    let time = 100n
    const set = new ExpiringSet(() => time, 10)

    set.add('a')
    time = 109n
    expect(set.has('a')).to.equal(true)
    expect(set.has('b')).to.equal(false)
    time = 110n
    expect(set.has('a')).to.equal(false)
    expect(set.size).to.equal(0)
  })

  it('starts the time of a key again when it is added again', () => {
    let time = 100n
    const set = new ExpiringSet(() => time, 10)

    set.add('a')
    time = 105n
    set.add('a')
    time = 112n
    expect(set.has('a')).to.equal(true)
  })

  it('has room for another key where the time of one is over', () => {
    let time = 100n
    const set = new ExpiringSet(() => time, 10, 2)

    set.add('a')
    time = 105n
    set.add('b')
    expect(set.isFull).to.equal(true)

    time = 110n
    expect(set.isFull).to.equal(false)
    expect(set.size).to.equal(1)

    time = 115n
    set.add('c')
    expect(set.size).to.equal(1)
  })

  it('deletes the key that was added longest ago when there is one too many', () => {
    const set = new ExpiringSet(() => 0n, 10, 3)

    for (const key of ['a', 'b', 'c', 'a', 'd']) {
      set.add(key)
    }

    expect(set.size).to.equal(3)
    expect(['a', 'b', 'c', 'd'].filter(key => set.has(key))).to.deep.equal(['a', 'c', 'd'])
  })
})
