import { expect } from 'aegir/chai'
import { SimulatedTime } from '../../scripts/simulate/time.ts'

const START = 1_700_000_000_000

describe('simulated time', () => {
  it('does what is due in order of time, and at one moment in the order it was asked for', async () => {
    const time = new SimulatedTime(START)
    const done: string[] = []
    const order = [70, 20, 50, 20, 90, 10, 50, 30, 20, 80]

    order.forEach((delay, index) => { time.after(delay, () => done.push(`${delay}/${index} at ${time.now - START}`)) })
    await time.runUntil(START + 80)

    expect(done).to.deep.equal(['10/5 at 10', '20/1 at 20', '20/3 at 20', '20/8 at 20', '30/7 at 30', '50/2 at 50', '50/6 at 50', '70/0 at 70', '80/9 at 80'])
    expect(time.now).to.equal(START + 80)
  })

  it('lets everything end that a moment has brought about before the next one comes', async () => {
    const time = new SimulatedTime(START)
    const done: string[] = []
    const work = async (name: string): Promise<void> => {
      for (let step = 0; step < 100; step++) {
        await Promise.resolve()
      }

      done.push(`${name} at ${time.now - START}`)
    }

    time.after(1, () => { void work('first') })
    time.after(2, () => { void work('second') })
    await time.runUntil(START + 10)

    expect(done).to.deep.equal(['first at 1', 'second at 2'])
  })

  it('puts its timers, dates, deadlines and random numbers in place of the machine\'s, and those back', async () => {
    const real = { setTimeout, clearTimeout, Date, random: Math.random, timeout: AbortSignal.timeout, values: crypto.getRandomValues }
    const numbers: number[][] = []

    for (let run = 0; run < 2; run++) {
      const time = new SimulatedTime(START)
      const uninstall = time.install(7)
      const seen: string[] = []

      try {
        const cancelled = setTimeout(() => seen.push('cancelled'), 500)
        const signal = AbortSignal.timeout(2_000)

        setTimeout(name => {
          clearTimeout(cancelled)
          seen.push(`${name} at ${new Date().toISOString()}, ${Date.now() - START}`)
        }, 250, 'timer')
        signal.addEventListener('abort', () => seen.push(`${signal.reason.name} at ${Date.now() - START}`))
        await time.runUntil(START + 60_000)

        numbers.push([Math.random(), ...crypto.getRandomValues(new Uint8Array(4))])
      } finally {
        uninstall()
      }

      expect(seen).to.deep.equal(['timer at 2023-11-14T22:13:20.250Z, 250', 'TimeoutError at 2000'])
    }

    expect(numbers[1]).to.deep.equal(numbers[0])
    expect({ setTimeout, clearTimeout, Date, random: Math.random, timeout: AbortSignal.timeout, values: crypto.getRandomValues }).to.deep.equal(real)
  })
})
