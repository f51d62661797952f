import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Deadlines } from '../../../src/network/lifecycle/deadlines.ts'

describe('deadlines', () => {
  const DAY = 86_400n
  let time: bigint
  let looks: number
  let due: string[]
  let deadlines: Deadlines

  beforeEach(() => {
    time = 1_000n
    looks = 0
    due = []
    deadlines = new Deadlines(() => {
      looks++

      return time
    }, key => { due.push(key) }, 5)
  })

  afterEach(() => {
    deadlines.clear()
  })

  async function looksAgain (): Promise<void> {
    const seen = looks

    await pWaitFor(() => looks >= seen + 6, { interval: 1, timeout: 10_000 })
  }

  it('come when the clock shows them, however many milliseconds away they were and however the clock got there', async () => {
    // more milliseconds than a timer can wait
    deadlines.arm('month', time + 40n * DAY)
    deadlines.arm('hour', time + 3_600n)
    await looksAgain()
    expect(due).to.be.empty()

    // the machine was suspended
    time += 3_600n
    await pWaitFor(() => due.length > 0, { interval: 1, timeout: 10_000 })
    expect(due).to.deep.equal(['hour'])

    // the clock is set back, and forward
    time -= 1_000n
    await looksAgain()
    time += 40n * DAY
    await pWaitFor(() => due.length > 1, { interval: 1, timeout: 10_000 })
    expect(due).to.deep.equal(['hour', 'month'])
    expect(deadlines.size).to.equal(0)
  })

  it('do not come once disarmed', async () => {
    deadlines.arm('disarmed', time + 1n)
    deadlines.arm('other', time + 2n)
    deadlines.disarm('disarmed')
    time += 2n
    await pWaitFor(() => due.length > 0, { interval: 1, timeout: 10_000 })
    expect(due).to.deep.equal(['other'])
  })
})
