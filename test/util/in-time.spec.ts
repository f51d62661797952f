import { expect } from 'aegir/chai'
import { inTime } from '../../src/util/in-time.ts'

describe('a promise that is awaited for a time', () => {
  it('resolves as it does where it is in time', async () => {
    expect(await inTime(Promise.resolve('here'), 60_000)).to.equal('here')
  })

  it('resolves with undefined where it is not', async () => {
    expect(await inTime(new Promise(() => {}), 1)).to.equal(undefined)
  })

  it('rejects as it does', async () => {
    await expect(inTime(Promise.reject(new Error('no')), 60_000)).to.eventually.be.rejectedWith('no')
  })
})
