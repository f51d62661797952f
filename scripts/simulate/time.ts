/**
 * Time that passes only when everything that was to happen by then has happened. While it is installed, timers, dates and
 * random numbers are the simulation's: equal seeds give equal runs, whatever the machine is busy with.
 */

import { Random } from '../fuzz/random.ts'

interface Timer {
  /** Milliseconds from 1970 */
  time: number
  /** Timers of one moment go off in the order they were set */
  order: number
  task(): void
  cancelled: boolean
}

const realSetImmediate = setImmediate

export class SimulatedTime {
  /** A binary heap, the next one first */
  private readonly timers: Timer[] = []
  private order = 0
  private current: number
  private stopped = false

  /**
   * @param start - milliseconds from 1970
   */
  constructor (start: number) {
    this.current = start
  }

  /** Milliseconds from 1970 */
  get now (): number {
    return this.current
  }

  /** Does something so many milliseconds from now; returns what takes it back */
  after (delay: number, task: () => void): Timer {
    return this.at(this.current + (delay > 0 ? Math.round(delay) : 0), task)
  }

  /** Does something at a time, or now if that is past */
  at (time: number, task: () => void): Timer {
    const timer = { time: Math.max(time, this.current), order: this.order++, task, cancelled: false }

    push(this.timers, timer)

    return timer
  }

  /** Resolves in so many milliseconds */
  async wait (delay: number): Promise<void> {
    await new Promise<void>(resolve => { this.after(delay, resolve) })
  }

  /**
   * Lets time pass until then, or until somebody stops it. What a moment brings about is over before the next one comes.
   */
  async runUntil (end: number): Promise<void> {
    this.stopped = false

    // what was begun before the first timer
    await turn()

    for (let next = this.next(); next != null && next.time <= end && !this.stopped; next = this.next()) {
      this.current = next.time

      for (const due = this.order; next != null && next.time === this.current && next.order < due; next = this.next()) {
        pop(this.timers)
        next.task()
      }

      await turn()
    }

    this.current = this.stopped ? this.current : Math.max(this.current, end)
  }

  /** The timer that goes off next. Most are cancelled, and those are gone before they make a moment of their own. */
  private next (): Timer | undefined {
    while (this.timers[0]?.cancelled) {
      pop(this.timers)
    }

    return this.timers[0]
  }

  /** Has {@link SimulatedTime.runUntil} end after this moment */
  stop (): void {
    this.stopped = true
  }

  /**
   * Puts this time, and random numbers that follow from the seed, in place of the machine's; returns what puts those back
   */
  install (seed: number): () => void {
    const random = new Random(seed)
    const real = { setTimeout, clearTimeout, Date, random: Math.random, timeout: AbortSignal.timeout }
    const time = this

    class SimulatedDate extends Date {
      constructor (...args: any[]) {
        // an argument list is all that the many forms of this constructor have in common
        super(...(args.length === 0 ? [time.now] : args) as [number])
      }

      static now (): number {
        return time.now
      }
    }

    Object.assign(globalThis, {
      setTimeout: (task: (...args: any[]) => void, delay = 0, ...args: any[]) => this.after(delay, () => { task(...args) }),
      clearTimeout: (timer?: Timer) => {
        if (timer != null) {
          timer.cancelled = true
        }
      },
      Date: SimulatedDate
    })
    Math.random = () => random.uint32() / 2 ** 32
    AbortSignal.timeout = delay => {
      const controller = new AbortController()

      this.after(delay, () => { controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')) })

      return controller.signal
    }
    crypto.getRandomValues = array => {
      const bytes = new Uint8Array((array as any).buffer, (array as any).byteOffset, (array as any).byteLength)

      bytes.set(random.bytes(bytes.byteLength))

      return array
    }

    return () => {
      Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout, Date: real.Date })
      Math.random = real.random
      AbortSignal.timeout = real.timeout
      // the one of the prototype is seen again
      delete (crypto as any).getRandomValues
    }
  }
}

/** Until every promise that can go on without time passing has done so */
async function turn (): Promise<void> {
  await new Promise<void>(resolve => { realSetImmediate(resolve) })
}

function isBefore (one: Timer, other: Timer): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}

function push (heap: Timer[], timer: Timer): void {
  let index = heap.length

  while (index > 0) {
    const parent = (index - 1) >> 1

    if (isBefore(heap[parent], timer)) {
      break
    }

    heap[index] = heap[parent]
    index = parent
  }

  heap[index] = timer
}

/** Takes the first one away */
function pop (heap: Timer[]): void {
  const last = heap.pop() as Timer
  let index = 0

  if (heap.length === 0) {
    return
  }

  for (let child = 1; child < heap.length; child = 2 * index + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) {
      child++
    }

    if (isBefore(last, heap[child])) {
      break
    }

    heap[index] = heap[child]
    index = child
  }

  heap[index] = last
}
