import { expect } from 'aegir/chai'
import { pause } from '../../src/util/pause.ts'

describe('a pause', () => {
  it('resolves after its time', async () => {
    const begun = performance.now()

    await pause(20)

    expect(performance.now() - begun).to.be.at.least(19)
  })

  it('rejects with the reason of the signal when that aborts', async () => {
    const controller = new AbortController()
    const paused = pause(60_000, controller.signal)

    controller.abort(new Error('no more'))

    await expect(paused).to.eventually.be.rejectedWith('no more')
  })

  it('does not begin where the signal has aborted', async () => {
    await expect(pause(60_000, AbortSignal.abort(new Error('no more')))).to.eventually.be.rejectedWith('no more')
  })
})
