/**
 * Who is connected to whom, and how long what is sent takes, if it arrives.
 */

import { Random } from '../fuzz/random.ts'
import { shuffled } from './plan.ts'
import type { NetworkPlan, Partition } from './plan.ts'
import type { SimulatedStream } from './stream.ts'
import type { SimulatedTime } from './time.ts'

export interface GossipMessage {
  id: string
  topic: string
  data: Uint8Array
}

/** One that can be connected to */
export interface Endpoint {
  readonly number: number
  onConnected (other: number): void
  onDisconnected (other: number): void
  /** Is told which topics another has subscribed to, or no longer */
  onSubscriptions (from: number, topics: string[], subscribe: boolean): void
  /** @param isRepeated - whether the message has come before */
  onMessage (from: number, message: GossipMessage, isRepeated: boolean): void
  onStream (from: number, stream: SimulatedStream): void
}

/** How soon after a partition two nodes find each other again, milliseconds */
const RECONNECT_TIME = 1_000

interface Connection {
  /** Set once it is closed: what is under way on it is lost */
  closed: boolean
  /** When the last thing that must not overtake another arrives, by receiver */
  arrivals: Map<number, number>
}

export class Network {
  private readonly plan: NetworkPlan
  private readonly time: SimulatedTime
  private readonly seed: number
  private readonly begin: number
  private readonly everywhere: ReadonlySet<number>
  private readonly endpoints = new Map<number, Endpoint>()
  private readonly neighbours = new Map<number, Set<number>>()
  private readonly connections = new Map<number, Connection>()
  /** Messages so far by sender and receiver: what becomes of one depends on nothing but its number */
  private readonly counts = new Map<number, number>()

  /**
   * @param numbers - of the nodes that come and go, and can be cut off
   * @param everywhere - of those that everybody is connected with, and that no partition stops
   */
  constructor (time: SimulatedTime, seed: number, plan: NetworkPlan, numbers: number[], everywhere: number[]) {
    this.time = time
    this.seed = seed
    this.plan = plan
    this.begin = time.now
    this.everywhere = new Set(everywhere)
    this.link(numbers)

    for (const number of everywhere) {
      numbers.forEach(other => { this.join(number, other) })
    }

    for (const partition of plan.partitions) {
      time.at(this.begin + partition.from, () => { this.cut(partition) })

      if (partition.until != null) {
        time.at(this.begin + partition.until, () => { this.heal(partition) })
      }
    }
  }

  /** A node has started */
  up (endpoint: Endpoint): void {
    this.endpoints.set(endpoint.number, endpoint)
    this.neighbours.get(endpoint.number)?.forEach(other => { this.connect(endpoint.number, other) })
  }

  /** A node is gone */
  down ({ number }: Endpoint): void {
    this.neighbours.get(number)?.forEach(other => { this.disconnect(number, other) })
    this.endpoints.delete(number)
  }

  isConnected (one: number, other: number): boolean {
    return this.connections.has(pairKey(one, other))
  }

  endpoint (number: number): Endpoint | undefined {
    return this.endpoints.get(number)
  }

  /** Sends what may be lost, come twice, late, and before what was sent earlier */
  send (from: number, to: number, deliver: (isRepeated: boolean) => void): void {
    const random = this.nextRandom(from, to)
    const { loss, duplication, slow, slowness } = this.plan

    if (random.chance(loss)) {
      return
    }

    const delay = this.delay(random) + (random.chance(slow) ? random.below(slowness) : 0)

    this.deliver(from, to, delay, () => { deliver(false) })

    if (random.chance(duplication)) {
      this.deliver(from, to, delay + random.below(3_000), () => { deliver(true) })
    }
  }

  /** Sends what arrives in order, as long as the connection lasts */
  sendInOrder (from: number, to: number, deliver: () => void): void {
    const connection = this.connections.get(pairKey(from, to))
    const delay = this.delay(this.nextRandom(from, to))

    if (connection != null) {
      const arrival = Math.max(this.time.now + delay, connection.arrivals.get(to) ?? 0)

      connection.arrivals.set(to, arrival)
      this.deliver(from, to, arrival - this.time.now, deliver)
    }
  }

  private deliver (from: number, to: number, delay: number, task: () => void): void {
    const connection = this.connections.get(pairKey(from, to))
    const arrival = this.arrival(from, to, this.time.now + delay)

    if (connection != null && arrival < Infinity) {
      this.time.at(arrival, () => {
        if (!connection.closed) {
          task()
        }
      })
    }
  }

  /** A silent partition holds up what is under way, until it heals */
  private arrival (from: number, to: number, arrival: number): number {
    for (const partition of this.plan.partitions) {
      const { from: begin, until, silent } = partition

      if (silent && this.separates(partition, from, to) && arrival >= this.begin + begin && (until == null || arrival < this.begin + until)) {
        return until == null ? Infinity : this.begin + until + (arrival % 50)
      }
    }

    return arrival
  }

  private delay (random: Random): number {
    const [shortest, longest] = this.plan.delay

    return shortest + random.below(longest - shortest + 1)
  }

  private nextRandom (from: number, to: number): Random {
    const key = from * 256 + to
    const count = this.counts.get(key) ?? 0

    this.counts.set(key, count + 1)

    return new Random(new Random(this.seed ^ Math.imul(key + 1, 0x9e37_79b1)).uint32() + count)
  }

  private connect (one: number, other: number): void {
    const [first, second] = [this.endpoints.get(one), this.endpoints.get(other)]
    const key = pairKey(one, other)

    if (first == null || second == null || this.connections.has(key) || this.isCut(one, other)) {
      return
    }

    this.connections.set(key, { closed: false, arrivals: new Map() })
    first.onConnected(other)
    second.onConnected(one)
  }

  private disconnect (one: number, other: number): void {
    const connection = this.connections.get(pairKey(one, other))
    const [first, second] = [this.endpoints.get(one), this.endpoints.get(other)]

    if (connection != null && first != null && second != null) {
      connection.closed = true
      this.connections.delete(pairKey(one, other))
      first.onDisconnected(other)
      second.onDisconnected(one)
    }
  }

  private isCut (one: number, other: number): boolean {
    return this.plan.partitions.some(partition => !partition.silent && this.isOpen(partition) && this.separates(partition, one, other))
  }

  private isOpen ({ from, until }: Partition): boolean {
    const now = this.time.now - this.begin

    return now >= from && (until == null || now < until)
  }

  private cut (partition: Partition): void {
    if (!partition.silent) {
      this.crossing(partition).forEach(([one, other]) => { this.disconnect(one, other) })
    }
  }

  private heal (partition: Partition): void {
    if (!partition.silent) {
      for (const [one, other] of this.crossing(partition)) {
        this.time.after(this.nextRandom(one, other).below(RECONNECT_TIME), () => { this.connect(one, other) })
      }
    }
  }

  private crossing (partition: Partition): Array<[number, number]> {
    return [...this.neighbours].flatMap(([one, others]) => [...others].filter(other => one < other && this.separates(partition, one, other)).map((other): [number, number] => [one, other]))
  }

  private separates ({ group }: Partition, one: number, other: number): boolean {
    return group.includes(one) !== group.includes(other) && !this.everywhere.has(one) && !this.everywhere.has(other)
  }

  /** A ring, so that everybody can be reached, and random links until each node has as many as it wants */
  private link (numbers: number[]): void {
    const random = new Random(this.seed)
    const ring = shuffled(random, numbers)

    ring.forEach((number, index) => { this.join(number, ring[(index + 1) % ring.length]) })

    for (const number of ring) {
      for (const other of shuffled(random, numbers)) {
        if ((this.neighbours.get(number)?.size ?? 0) >= this.plan.degree) {
          break
        }

        this.join(number, other)
      }
    }
  }

  private join (one: number, other: number): void {
    if (one !== other) {
      for (const [from, to] of [[one, other], [other, one]]) {
        this.neighbours.set(from, (this.neighbours.get(from) ?? new Set()).add(to))
      }
    }
  }
}

function pairKey (one: number, other: number): number {
  return Math.min(one, other) * 256 + Math.max(one, other)
}
