import { expect } from 'aegir/chai'
import { withTimeLimit } from '../../src/util/time-limit.ts'

const LIMIT = new Error('it took too long')

/** A task that ends when its signal aborts, with the reason */
async function untilAborted (signal: AbortSignal): Promise<never> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason) })
  })
}

describe('a task with a time limit', () => {
  it('resolves as it does where it is in time', async () => {
    expect(await withTimeLimit(60_000, LIMIT, async () => 'here')).to.equal('here')
  })

  it('is aborted with the reason where it is not', async () => {
    await expect(withTimeLimit(1, LIMIT, untilAborted)).to.eventually.be.rejectedWith(LIMIT)
  })

  it('is aborted with the reason of the signal it was given', async () => {
    const controller = new AbortController()
    const task = withTimeLimit(60_000, LIMIT, untilAborted, controller.signal)

    controller.abort(new Error('the scope was left'))

    await expect(task).to.eventually.be.rejectedWith('the scope was left')
  })

  it('does not begin where that signal has aborted', async () => {
    await expect(withTimeLimit(60_000, LIMIT, async () => { throw new Error('it began') }, AbortSignal.abort(new Error('the scope was left')))).to.eventually.be.rejectedWith('the scope was left')
  })
})
