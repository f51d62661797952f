import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import { KeyedMutex } from '../../src/util/keyed-mutex.ts'

describe('KeyedMutex', () => {
  it('runs tasks of one key in order, one after the other', async () => {
    const mutex = new KeyedMutex()
    const gate = pDefer()
    const log: string[] = []

    const tasks = ['a', 'b', 'c'].map(async name => mutex.run('key', async () => {
      log.push(`${name} begins`)
      await gate.promise
      log.push(`${name} ends`)
      return name
    }))
    gate.resolve()

    expect(await Promise.all(tasks)).to.deep.equal(['a', 'b', 'c'])
    expect(log).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('runs tasks of different keys side by side', async () => {
    const mutex = new KeyedMutex()
    const gate = pDefer()
    const waiting = mutex.run('one', async () => gate.promise)

    expect(await mutex.run('two', async () => 'done')).to.equal('done')
    gate.resolve()
    await waiting
  })

  it('goes on after a task that fails, and fails only that', async () => {
    const mutex = new KeyedMutex()
    const failing = mutex.run('key', async () => { throw new Error('broken') })
    const following = mutex.run('key', async () => 'done')

    await expect(failing).to.eventually.be.rejectedWith('broken')
    expect(await following).to.equal('done')
  })

  it('forgets a key when nothing is left to do', async () => {
    const mutex = new KeyedMutex()

    await Promise.all(['one', 'two', 'two'].map(async key => mutex.run(key, async () => {})))

    expect(mutex).to.have.nested.property('tails.size', 0)
  })
})
