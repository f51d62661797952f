/**
 * The nodes under test: started, killed at random moments, started again on the same directories, and checked.
 */

import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parsePolicy } from '../../src/consensus/policy/policy.ts'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { Random } from '../fuzz/random.ts'
import { NodeProcess } from '../network/node-process.ts'
import { until } from '../network/wait.ts'
import { Member } from './member.ts'
import { Observations } from './observations.ts'
import { readStore } from './read-store.ts'
import { Recorder } from './recorder.ts'
import type { ScopePolicy } from '../../src/index.ts'
import type { RunFolder } from '../network/run-folder.ts'

/**
 * Scopes are voted in side by side: where votes are bound to what they were cast on, and both votes of whoever votes twice
 * are kept, and by the crate's rule, where the first stays
 */
const RULES = { council: 'reference', board: 'quorum' } as const

/** The last node has the key of the first: what it votes is what the vote lock has to keep apart */
const NODES = 5

/** So many nodes are down at a time, at most: there is always a majority that decides meanwhile */
const MAX_DOWN = 2

/** Milliseconds between the end of one restart and the next kill, at most */
const MAX_CALM = 400

/** Some kills come so soon after a node was asked for a vote, in milliseconds */
const KILL_IN_VOTE = 0.5
const MAX_VOTE_TIME = 30

/** Some nodes are killed again while they start, which takes them about so many milliseconds */
const KILL_IN_START = 0.2
const START_TIME = 700

/** Milliseconds in which some proposal ends, however slow the machine */
const EVIDENCE_TIMEOUT = 60_000

export interface SwarmInit {
  seed: number
  folder: RunFolder
  stop: AbortController
  /** Runs in place of the binary */
  program?: string
  onError (err: unknown): void
}

export class Swarm {
  readonly observations = new Observations(scope => RULES[scope as keyof typeof RULES] === 'quorum')
  readonly members: Member[]
  kills = 0
  private readonly random: Random
  private readonly signal: AbortSignal
  /** Those that are about to be killed, or to be started again */
  private readonly down = new Set<Member>()
  private recorder?: Recorder
  private policies: ScopePolicy[] = []
  private readonly locks?: FileVoteLock
  /** Who each node was when it started first */
  private readonly identities = new Map<Member, { peerId: string, voter: string }>()

  constructor ({ seed, folder, stop, program, onError }: SwarmInit) {
    this.random = new Random(seed)
    this.signal = stop.signal
    this.locks = program == null ? new FileVoteLock(folder.locks) : undefined
    this.members = Array.from({ length: NODES }, (_, index) => new Member({
      node: new NodeProcess(index + 1, folder, err => { stop.abort(err) }, program),
      random: new Random(seed + index + 1),
      observations: this.observations,
      scopes: Object.keys(RULES),
      onError
    }))
  }

  /** How often a node was asked to vote against what its key had voted, and did not */
  get refused (): number {
    return this.members.reduce((sum, { refused }) => sum + refused, 0)
  }

  /** Starts all, makes them members of the scopes, and lets them vote */
  async start (): Promise<void> {
    this.recorder = await Recorder.start(vote => { this.observations.addVote('the gossip', vote) })

    for (const member of this.members) {
      await this.startNode(member)
    }

    await this.shareKey(this.members[0], this.members[NODES - 1])
    this.members.forEach(member => { this.identities.set(member, member.node.info) })

    const voters = [...new Set(this.members.map(({ node }) => node.info.voter))]

    this.policies = Object.entries(RULES).map(([name, decisionRule]) => parsePolicy({ name, decisionRule, voters, minLifetimeSeconds: 1, clockSkewSeconds: 1, graceSeconds: 2 }))

    for (const policy of this.policies) {
      this.recorder.listen(policy)
      await Promise.all(this.members.map(async ({ node }) => node.client.join({ policy }, { signal: this.signal })))
    }

    await Promise.all(this.members.map(async member => member.begin()))
  }

  /**
   * Kills nodes and starts them again until there were so many kills
   *
   * @param onKill - told after each
   */
  async crash (limit: number, onKill: () => void): Promise<void> {
    const over = new AbortController()
    const lane = async (): Promise<void> => {
      while (this.kills < limit && !over.signal.aborted) {
        const member = this.random.pick(this.members.filter(member => !this.down.has(member)))

        this.down.add(member)
        await this.crashOne(member, limit)
        this.down.delete(member)
        onKill()
      }
    }

    // when one fails, no other may go on and start a node
    await Promise.allSettled(Array.from({ length: MAX_DOWN }, async () => lane().catch(err => { over.abort(err) })))
    over.signal.throwIfAborted()
  }

  /** Kills a node at a random moment, maybe again while it starts, and checks that it is who it was and knows what it knew */
  private async crashOne (member: Member, limit: number): Promise<void> {
    const { random } = this

    this.kills++
    await pause(random.below(MAX_CALM), undefined, { signal: this.signal })

    if (random.chance(KILL_IN_VOTE)) {
      await member.nextVote(MAX_CALM)
      await pause(random.below(MAX_VOTE_TIME))
    }

    await member.end('kill')
    member.twin?.contradict()

    while (this.kills < limit && random.chance(KILL_IN_START)) {
      await this.killInStart(member)
    }

    await this.revive(member)
    await member.begin()
    member.contradict()
    await member.check({ unconfirmed: true })
  }

  /** Waits until there is something to look at: a slow machine may have been killed before it had voted */
  async seen (): Promise<void> {
    const { observations } = this

    await until('a vote and a decision', EVIDENCE_TIMEOUT, this.signal, async () => observations.votes > 0 && observations.decisions > 0 ? true : undefined)
  }

  /**
   * Ends all nodes as their operator would, starts them again and asks for every decision that they have shown. Then reads
   * from their stores what any of them has ever received, and what their keys are bound to.
   */
  async finish (): Promise<void> {
    await Promise.all(this.members.map(async member => member.end('stop')))

    for (const member of this.members) {
      await this.revive(member)
      await member.check({ unconfirmed: false })
    }

    await Promise.all(this.members.map(async member => member.end('stop')))

    for (const { node } of this.members) {
      await readStore(node, this.policies, this.observations, this.locks)
    }
  }

  /** Ends all processes */
  async stop (): Promise<void> {
    await Promise.all(this.members.map(async member => member.end('stop')))
    await this.recorder?.stop()
  }

  private async killInStart (member: Member): Promise<void> {
    const starting = this.startNode(member).catch(() => {
      // killed before it was ready, which is what this is for
    })

    this.kills++
    await pause(this.random.below(START_TIME))
    await member.end('kill')
    await starting
  }

  private async revive (member: Member): Promise<void> {
    await this.startNode(member)

    const { name, info: { peerId, voter } } = member.node
    const before = this.identities.get(member)

    if (before == null || before.peerId !== peerId || before.voter !== voter) {
      throw new Error(`${name} was ${before?.peerId} voting as ${before?.voter}, and is ${peerId} voting as ${voter} after its restart`)
    }
  }

  /** The recorder always answers; of the others, those that run */
  private async startNode (member: Member): Promise<void> {
    const others = this.members.filter(other => other !== member && other.node.pid != null).map(({ node }) => node.info.addresses[0])

    await member.node.start([this.recorder?.address ?? '', ...others], this.signal)
  }

  private async shareKey (from: Member, to: Member): Promise<void> {
    const [source, target] = [from, to].map(({ node }) => join(node.dataDirectory, 'keys', 'voter.key'))

    await to.end('stop')
    await copyFile(source, target)
    // it is another key's, and empty
    await rm(join(to.node.dataDirectory, 'store'), { recursive: true })
    await this.startNode(to)
    from.twin = to
    to.twin = from
  }
}
