import { expect } from 'aegir/chai'
import { Recently } from '../../../src/network/sync/recently.ts'

describe('what happened recently', () => {
  it('is remembered for its time and then forgotten', () => {
    let time = 100n
    const recently = new Recently(() => time, 10)

    recently.add('a')
    time = 109n
    expect(recently.has('a')).to.equal(true)
    expect(recently.has('b')).to.equal(false)
    time = 110n
    expect(recently.has('a')).to.equal(false)
    expect(recently.size).to.equal(0)
  })

  it('is remembered anew when it happens again', () => {
    let time = 100n
    const recently = new Recently(() => time, 10)

    recently.add('a')
    time = 105n
    recently.add('a')
    time = 112n
    expect(recently.has('a')).to.equal(true)
  })

  it('leaves no room taken by what is over', () => {
    let time = 100n
    const recently = new Recently(() => time, 10, 2)

    recently.add('a')
    time = 105n
    recently.add('b')
    expect(recently.isFull).to.equal(true)

    time = 110n
    expect(recently.isFull).to.equal(false)
    expect(recently.size).to.equal(1)

    time = 115n
    recently.add('c')
    expect(recently.size).to.equal(1)
  })

  it('takes bounded memory: the oldest goes first', () => {
    const recently = new Recently(() => 0n, 10, 3)

    for (const key of ['a', 'b', 'c', 'a', 'd']) {
      recently.add(key)
    }

    expect(recently.size).to.equal(3)
    expect(['a', 'b', 'c', 'd'].filter(key => recently.has(key))).to.deep.equal(['a', 'c', 'd'])
  })
})
