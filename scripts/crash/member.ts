/**
 * One node under test and what is done to it: it proposes and votes without pause, and is watched while it does.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { ApiProblemError } from '../../src/client/index.ts'
import type { Observations, SeenProposal } from './observations.ts'
import type { Choice, NodeEvent, ProposalInfo, ProposalSummary } from '../../src/client/index.ts'
import type { Random } from '../fuzz/random.ts'
import type { NodeProcess } from '../network/node-process.ts'

const second = 1_000

/** Proposals are open for so long, in seconds: some end while a node is down, most are open when it is back */
const LIFETIME = { min: 1, max: 8 }

/** Milliseconds between the proposals of a node, at most */
const MAX_PROPOSE_PAUSE = 800

/** Some votes come at once, others after the decision */
const MAX_VOTE_PAUSE = 2 * second
const VOTE_AT_ONCE = 0.5

/** How often the other node with the same key is asked for the opposite vote at the same moment */
const AT_BOTH = 0.5

/** Silent voters leave proposals to their deadlines */
const SILENT = 0.15

/** Milliseconds until a node that has not synced yet is asked for its vote again */
const SYNC_PAUSE = 250

/** How often the decision is waited for, by a request that is open meanwhile */
const WAIT_FOR_DECISION = 0.2

/** How many questions are asked side by side */
const CHECKS = 8

/** What a node may answer to a voter who comes late, asks what it has missed, or has voted already */
const REFUSALS = new Set(['DuplicateVoteError', 'NotSyncedError', 'ProposalExpiredError', 'SessionNotActiveError', 'SessionNotFoundError', 'UserAlreadyVotedError', 'VoteExpiredError'])

export interface MemberInit {
  node: NodeProcess
  random: Random
  observations: Observations
  /** Names of the scopes it proposes and votes in */
  scopes: string[]
  /** Told what should not have happened */
  onError (err: unknown): void
}

/** From a start of the process to its end */
interface Life {
  over: AbortController
  /** Whether the process is being ended, so that calls may fail */
  ending: boolean
  tasks: Set<Promise<unknown>>
}

export class Member {
  readonly node: NodeProcess
  /** Another node with the same key */
  twin?: Member
  /** How often the node was asked for a vote against the one it may have cast, and did not cast it */
  refused = 0
  private readonly init: MemberInit
  /** The proposals that were open when they were last heard of → what was tried here */
  private readonly open = new Map<string, SeenProposal & { deadline: number, tried?: Choice }>()
  private readonly voting = new Set<() => void>()
  private life?: Life

  constructor (init: MemberInit) {
    this.init = init
    this.node = init.node
  }

  /** Begins to propose, to vote and to watch, and resolves when it is watched */
  async begin (): Promise<void> {
    const life = this.life = { over: new AbortController(), ending: false, tasks: new Set<Promise<unknown>>() }

    await new Promise<void>(resolve => {
      this.run(life, async () => this.watch(life, resolve))
    })
    this.run(life, async () => this.propose(life))
  }

  /** Votes the other way wherever the key may have voted already */
  contradict (): void {
    const now = Date.now() / second

    for (const [key, { deadline, tried, ...proposal }] of this.open) {
      const choice = this.init.observations.choiceOf(proposal, this.node.info.voter) ?? tried

      if (deadline <= now) {
        this.open.delete(key)
      } else if (choice != null) {
        this.oppose(proposal, choice)
      }
    }
  }

  /** Resolves at the moment at which the node is next asked for a vote, or after a while */
  async nextVote (timeout: number): Promise<void> {
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        this.voting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeout)

      this.voting.add(done)
    })
  }

  /** Ends the process, at once or in order, and waits for what was still to be heard of it */
  async end (how: 'kill' | 'stop'): Promise<void> {
    const { life } = this

    if (life != null) {
      life.ending = true
    }

    // what is under way goes on: it is what has to be cut off
    await this.node[how]()
    life?.over.abort()

    this.life = undefined

    const tasks = life?.tasks ?? new Set()

    while (tasks.size > 0) {
      await Promise.all(tasks)
    }
  }

  /** Asks for the decisions that the node has shown: all, or those since it was last asked */
  async check (options: { unconfirmed: boolean }): Promise<void> {
    const { observations } = this.init
    const proposals = observations.decisionsOf(this.node.name, options).values()

    await Promise.all(Array.from({ length: CHECKS }, async () => {
      for (const proposal of proposals) {
        const answer = await this.proposal(proposal)

        observations.confirm(this.node.name, proposal, answer)

        if (answer != null) {
          observations.addProposal(this.node.name, answer)
        }
      }
    }))
  }

  private async proposal ({ scope, proposalId }: SeenProposal): Promise<ProposalInfo | undefined> {
    try {
      return await this.node.client.proposal(scope, proposalId)
    } catch (err) {
      if (err instanceof ApiProblemError && err.kind === 'SessionNotFoundError') {
        return
      }

      throw err
    }
  }

  private async watch (life: Life, onConnect: () => void): Promise<void> {
    try {
      for await (const event of this.node.client.events({ onConnect, reconnect: false })) {
        this.onEvent(life, event)
      }
    } finally {
      // who waits for the connection is not to wait for ever
      onConnect()
    }
  }

  private onEvent (life: Life, { type, data }: NodeEvent): void {
    const { node: { name }, init: { observations } } = this

    switch (type) {
      case 'proposal':
        this.run(life, async () => this.takePart(life, data))
        break
      case 'vote':
        observations.addVote(`an event of ${name}`, data)
        break
      case 'decided':
      case 'failed':
        observations.addDecision(name, `an event of ${name}`, data)
        break
      case 'trimmed':
        throw new Error(`${name} has dropped a proposal, which should not happen here`)
      default:
        // "reset" tells of events that were missed. Others have seen them, and what was shown is asked for in the end.
    }
  }

  /** Until the process ends, since then a call or the pause fails */
  private async propose (life: Life): Promise<void> {
    const { node: { name, client }, init: { random, observations, scopes } } = this

    for (let number = 1; ; number++) {
      try {
        observations.addProposal(name, await client.propose(random.pick(scopes), {
          name: `Proposal ${number} of ${name}`,
          timeoutSeconds: LIFETIME.min + random.below(LIFETIME.max - LIFETIME.min + 1),
          livenessCriteriaYes: random.chance(0.5)
        }))
      } catch (err) {
        // a busy machine may take as long to make a proposal as the shortest ones live
        if (!(err instanceof ApiProblemError && err.kind === 'ProposalExpiredError')) {
          throw err
        }
      }

      await this.pause(life, random.below(MAX_PROPOSE_PAUSE))
    }
  }

  private async takePart (life: Life, { scope, proposalId, deadline }: ProposalSummary): Promise<void> {
    const { random } = this.init
    const choice = random.chance(0.5) ? 'yes' : 'no'
    const silent = random.chance(SILENT)
    const waits = random.chance(WAIT_FOR_DECISION)

    const proposal = { scope, proposalId }

    this.open.set(keyOf(proposal), { ...proposal, deadline })
    await this.pause(life, random.chance(VOTE_AT_ONCE) ? 0 : random.below(MAX_VOTE_PAUSE))

    if (!silent && random.chance(AT_BOTH)) {
      this.twin?.oppose(proposal, choice)
    }

    if (!silent) {
      await this.vote(life, proposal, choice)
    }

    if (waits) {
      this.init.observations.addProposal(this.node.name, await this.node.client.decision(scope, proposalId))
    }
  }

  /** Votes against a choice, if the process lives */
  private oppose (proposal: SeenProposal, choice: Choice): void {
    const { life } = this

    if (life != null) {
      this.run(life, async () => { await this.vote(life, proposal, choice === 'yes' ? 'no' : 'yes') })
    }
  }

  private async vote (life: Life, proposal: SeenProposal, choice: Choice): Promise<void> {
    const open = this.open.get(keyOf(proposal))

    if (open != null) {
      open.tried = choice
    }

    // a node that has just started refuses to sign until it knows from others what it has voted: then it is to be put to the test
    while (await this.ask(proposal, choice) === 'NotSyncedError') {
      await this.pause(life, SYNC_PAUSE)
    }
  }

  /** Asks for a vote once, and resolves with the name of the refusal if there is one */
  private async ask ({ scope, proposalId }: SeenProposal, choice: Choice): Promise<string | undefined> {
    const { node: { name, client }, init: { observations } } = this

    this.voting.forEach(done => { done() })

    try {
      observations.addVote(`an answer of ${name}`, { scope, proposalId, ...await client.vote(scope, proposalId, choice) })
    } catch (err) {
      if (!(err instanceof ApiProblemError && REFUSALS.has(err.kind))) {
        throw err
      }

      this.refused += err.kind === 'UserAlreadyVotedError' ? 1 : 0

      return err.kind
    }
  }

  private async pause (life: Life, milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: life.over.signal })
  }

  /** Does something for as long as the process lives. What it throws afterwards is no wonder. */
  private run (life: Life, task: () => Promise<void>): void {
    const running = task().catch(err => {
      if (!life.ending) {
        this.init.onError(err)
      }
    }).finally(() => { life.tasks.delete(running) })

    life.tasks.add(running)
  }
}

function keyOf ({ scope, proposalId }: SeenProposal): string {
  return `${scope} ${proposalId}`
}
