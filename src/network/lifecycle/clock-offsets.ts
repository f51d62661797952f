/**
 * How far our clock is from those of the other members, by the time that each says in its answer to a hello. Whether ours or
 * theirs is wrong nobody can tell of two; of many the median is hard to lie about.
 */

import type { ClockOffset } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** A peer said that it was `theirs` at some moment between two of our own. Unix seconds. */
export interface Reading {
  sent: bigint
  received: bigint
  theirs: bigint
}

/** A peer may say anything; nobody needs to know more than this many seconds */
const FARTHEST = 1e12

export interface ClockOffsetsInit {
  /** The policy's clockSkewSeconds */
  skew: number
  /** The peers whose clocks count */
  counted (): PeerId[]
  isConnected (peer: PeerId): boolean
  /** Called when it becomes more than the skew, and when it is not any more */
  onChange (offset: ClockOffset): void
}

export class ClockOffsets {
  private readonly init: ClockOffsetsInit
  /** Peer id → seconds that the peer is ahead of us */
  private readonly offsets = new Map<string, { peer: PeerId, seconds: number }>()
  private wasOff = false

  constructor (init: ClockOffsetsInit) {
    this.init = init
  }

  add (peer: PeerId, reading: Reading): void {
    this.forgetDisconnected()
    this.offsets.set(`${peer}`, { peer, seconds: offsetOf(reading) })

    const { current } = this

    if (current != null && current.isOff !== this.wasOff) {
      this.wasOff = current.isOff
      this.init.onChange(current)
    }
  }

  /** The median of those that count now; undefined if none has said its time */
  get current (): ClockOffset | undefined {
    const offsets = this.init.counted().flatMap(peer => this.offsets.get(`${peer}`)?.seconds ?? [])

    if (offsets.length > 0) {
      const seconds = medianOf(offsets)

      return { seconds, peers: offsets.length, isOff: Math.abs(seconds) > this.init.skew }
    }
  }

  clear (): void {
    this.offsets.clear()
    this.wasOff = false
  }

  private forgetDisconnected (): void {
    for (const [key, { peer }] of this.offsets) {
      if (!this.init.isConnected(peer)) {
        this.offsets.delete(key)
      }
    }
  }
}

/** The time on the way counts for neither side: where it can explain the difference there is none */
function offsetOf ({ sent, received, theirs }: Reading): number {
  // each of the three may be almost a second more
  const [least, most] = [Number(theirs - received) - 1, Number(theirs - sent) + 1]

  return least <= 0 && most >= 0 ? 0 : Math.trunc(Math.max(-FARTHEST, Math.min(FARTHEST, (least + most) / 2)))
}

/** Of an even number the middle one that is nearer to 0: a single wrong clock of two is not held against the right one */
function medianOf (values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]

  if (low <= 0 && high >= 0 && low !== high) {
    return 0
  }

  return Math.abs(low) < Math.abs(high) ? low : high
}
