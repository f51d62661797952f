import { expect } from 'aegir/chai'
import { BoundedMap, BoundedSet } from '../../src/util/bounded.ts'

describe('a bounded map', () => {
  it('deletes the key that was set longest ago when there is one too many', () => {
    const map = new BoundedMap<string, number>(2)

    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)

    expect([...map]).to.deep.equal([['a', 3], ['c', 4]])
  })

  it('deletes nothing when a key that it has is set at its bound', () => {
    const map = new BoundedMap<string, number>(2)

    map.set('a', 1).set('b', 2).set('b', 3)

    expect([...map]).to.deep.equal([['a', 1], ['b', 3]])
  })

  it('reports the keys that it deletes to make room, and no others', () => {
    const evicted: string[] = []
    const map = new BoundedMap<string, number>(2, key => { evicted.push(key) })

    map.set('a', 1).set('b', 2).set('b', 3).delete('b')
    map.set('c', 4).set('d', 5)

    expect(evicted).to.deep.equal(['a'])
  })
})

describe('a bounded set', () => {
  it('deletes the key that was added longest ago when there is one too many', () => {
    const set = new BoundedSet<string>(2)

    set.add('a').add('b').add('a').add('c')

    expect([...set]).to.deep.equal(['a', 'c'])
  })
})
