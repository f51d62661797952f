/**
 * The side that asks: finds where both differ, takes what it lacks and gives what the other lacks.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { isProven } from '../../consensus/vote/quorum-votes.ts'
import { PageKind, SyncStatus } from '../../pb/sync.ts'
import { BATCH_SIZE, DAYS_PER_QUERY, HASH_LENGTH, MAX_DAYS } from './constants.ts'
import { announcementOf, missingVotes, pieceLength, readDelivery, toDeliveries, voteKeys } from './delivery.ts'
import { COLLISION, differences, differingDays, planFor } from './differences.ts'
import { PRUNED } from './digests.ts'
import { SyncDismissedError, SyncFaultError } from './errors.ts'
import { inPages } from './pages.ts'
import { Receiver, refusalKey } from './receiver.ts'
import { Expected } from './request-check.ts'
import { compareSigning, helloOf } from './server.ts'
import type { Piece } from './delivery.ts'
import type { Difference, Plan } from './differences.ts'
import type { DayDigest, Entry } from './digests.ts'
import type { Frames } from './frames.ts'
import type { SyncParts, Taught } from './types.ts'
import type { Encodable } from '../../consensus/encoding/encode.ts'
import type { SyncRequest, SyncResponse, Want } from '../../pb/sync.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** Bytes that a want takes at most besides its have-set */
const WANT_LENGTH = 20

export type SyncEnd =
  /** Both sides have been through everything */
  'complete' |
  /** The peer is not in the scope, or not any more, or under another policy */
  'elsewhere' |
  /** The peer wants to be asked later */
  'busy'

/** A proposal that both sides are not agreed on, and what is to be done about it */
interface Task extends Plan {
  proposalId: number
  /** What it is, where the other side has it */
  digest: Uint8Array
  /** What is different; while that stays as it is it need not be tried again */
  key: string
  /** Set once the other side has said what it has */
  expected?: Expected
  /** Set where the other side did not deliver what it had listed, and may the next time */
  again?: boolean
}

export class ClientSession {
  private readonly init: SyncParts
  private readonly scope: JoinedScope
  private readonly peer: PeerId
  private readonly frames: Frames<SyncResponse, SyncRequest>
  private readonly receiver: Receiver
  /**
   * Digests in hex of the proposals of which the peer may know votes that this sync has not brought: it keeps them no longer, or they
   * were not asked for or not taken in
   */
  readonly untold = new Set<string>()
  /** Whether what the peer knows of our vote locks is known here: it has said so, and that was verified where it is news */
  told = false
  /** How many proposals the peer has listed and, as its Holding says, has no longer */
  undelivered = 0

  constructor (init: SyncParts, scope: JoinedScope, peer: PeerId, frames: Frames<SyncResponse, SyncRequest>) {
    this.init = init
    this.scope = scope
    this.peer = peer
    this.frames = frames
    this.receiver = new Receiver({ ...init, scope, peer })
  }

  /** What was new so far */
  get taught (): Taught {
    return this.receiver.taught
  }

  /**
   * @param since - the first day that is compared, days from 1970
   * @param root - over what we have from that day on: whoever waits for a hello does not wait for it to be made
   * @param pruned - of how many of those proposals we keep the votes no longer
   * @throws {SyncFaultError} | {SyncStalledError} | {SyncCutOffError} | {SyncLimitError}, what the storage throws
   */
  async run (since: number, root: Uint8Array, pruned: number): Promise<SyncEnd> {
    const sent = this.init.clock()
    const proofs = await this.init.members.hello(this.scope, this.peer)
    const { status, hello } = await this.ask({ hello: { ...helloOf(this.scope, this.init.signing(), since, root), pruned, ...proofs } })
    const received = this.init.clock()

    switch (status) {
      case SyncStatus.OK: break
      case SyncStatus.BUSY: return 'busy'
      case SyncStatus.OTHER_POLICY:
        if (hello?.digest.byteLength !== HASH_LENGTH) {
          throw new SyncFaultError('did not say which policy it has')
        }

        this.init.onPolicyMismatch(this.peer, this.scope.name, hello.digest)
        return 'elsewhere'
      default: return 'elsewhere'
    }

    if (hello?.root.byteLength !== HASH_LENGTH || !equals(hello.digest, this.scope.digest)) {
      throw new SyncFaultError('did not answer a hello with one')
    }

    compareSigning(this.init, this.peer, this.scope, hello)
    this.scope.prunedProposals.update(this.peer, hello.pruned)
    this.init.members.onTaken(this.scope, proofs)
    this.told = (await this.init.members.receive(this.scope, this.peer, hello)).told

    if (hello.now != null) {
      this.scope.clocks.add(this.peer, { sent, received, theirs: hello.now })
    }

    try {
      if (!equals(hello.root, root)) {
        await this.compare(since)
      }
    } catch (err) {
      if (err instanceof SyncDismissedError) {
        return err.end
      }

      throw err
    } finally {
      this.receiver.finish()
    }

    return 'complete'
  }

  private async compare (since: number): Promise<void> {
    const theirs: DayDigest[] = []

    for await (const { days } of this.pages({ days: {} }, PageKind.LISTING)) {
      for (const { day, digest } of days?.days ?? []) {
        if (day < since || day <= (theirs.at(-1)?.day ?? -1) || digest.byteLength !== HASH_LENGTH || day >= MAX_DAYS) {
          throw new SyncFaultError(`listed day ${day} out of order, with no digest, or though there can be none so late`)
        }

        theirs.push({ day, digest })
      }
    }

    const days = differingDays(await this.init.index.days(this.scope, since), theirs)

    for (let from = 0; from < days.length; from += DAYS_PER_QUERY) {
      await this.compareDays(days.slice(from, from + DAYS_PER_QUERY))
    }
  }

  private async compareDays (days: number[]): Promise<void> {
    let batch: Task[] = []

    for await (const difference of differences(this.init.index.entries(this.scope, days), this.entries(days))) {
      const task = await this.taskFor(difference)

      if (task != null) {
        batch.push(task)
      }

      if (batch.length === BATCH_SIZE) {
        await this.exchange(batch)
        batch = []
      }
    }

    await this.exchange(batch)
  }

  /** What the other side has of these days */
  private async * entries (days: number[]): AsyncGenerator<Entry> {
    const asked = new Set(days)
    let [lastDay, lastId] = [-1, -1]

    for await (const { summaries } of this.pages({ summaries: { days } }, PageKind.LISTING)) {
      for (const { day, summaries: entries } of summaries?.days ?? []) {
        for (const entry of entries) {
          if (!asked.has(day) || day < lastDay || (day === lastDay && entry.proposalId <= lastId)) {
            throw new SyncFaultError(`listed proposal ${entry.proposalId} of day ${day} out of order, or though the day was not asked for`)
          }

          if (entry.digest.byteLength !== HASH_LENGTH || entry.entry.byteLength !== HASH_LENGTH) {
            throw new SyncFaultError(`listed proposal ${entry.proposalId} without its digests`)
          }

          [lastDay, lastId] = [day, entry.proposalId]

          if ((entry.flags & PRUNED) !== 0) {
            this.untold.add(bytesToHex(entry.digest))
          }

          yield { day, ...entry }
        }
      }
    }
  }

  /** What to do about a difference, undefined if there is nothing to be done */
  private async taskFor ({ ours, theirs }: Difference): Promise<Task | undefined> {
    const { refused, fruitless } = this.init
    const { proposalId, digest } = theirs ?? ours as Entry
    const plan = await this.planFor({ ours, theirs }, proposalId, digest)

    if (plan.disagreement === true) {
      this.init.onDisagreement(this.scope, proposalId, this.peer)
    }

    if (plan.take === 'nothing' && plan.give === 'nothing') {
      return
    }

    if (isNew(plan) && refused.has(refusalKey(this.peer, digest))) {
      this.untold.add(bytesToHex(digest))

      return
    }

    const key = [this.peer, this.scope.name, bytesToHex(digest), ...[ours, theirs].map(entry => entry == null ? '' : `${bytesToHex(entry.entry)} ${entry.flags}`)].join(' ')

    if (fruitless.has(key)) {
      if (plan.take !== 'nothing') {
        this.untold.add(bytesToHex(digest))
      }

      return
    }

    return { ...plan, proposalId, digest, key }
  }

  private async planFor (difference: Difference, proposalId: number, digest: Uint8Array): Promise<Plan> {
    const { decisionRule } = this.scope.policy
    const plan = planFor(decisionRule, difference)
    const session = plan.take === 'all' ? await this.init.storage.getSession(this.scope.key, proposalId) : undefined

    if (session == null) {
      return plan
    }

    // its votes come with the next sync
    this.untold.add(bytesToHex(digest))

    // it may have come meanwhile, or another proposal have its id on another day
    return decisionRule !== 'quorum' || (session.digest != null && equals(session.digest, digest)) ? { take: 'nothing', give: 'nothing' } : COLLISION
  }

  private async exchange (tasks: Task[]): Promise<void> {
    await this.pull(tasks.filter(({ give }) => give !== 'all'))
    await this.push(tasks.filter(({ give }) => give !== 'nothing'))

    for (const { take, again, proposalId, digest } of tasks) {
      if (take !== 'nothing' && (again === true || this.receiver.untaken.has(proposalId))) {
        this.untold.add(bytesToHex(digest))
      }
    }

    // what was exchanged makes another difference the next time; what the peer says of that is not to be relied on
    tasks.filter(({ again, proposalId }) => again !== true && !this.receiver.later.has(proposalId)).forEach(({ key }) => { this.init.fruitless.add(key) })
  }

  /** Takes what the other side has, or at least asks what it has */
  private async pull (tasks: Task[]): Promise<void> {
    const byId = new Map(tasks.map(task => [task.proposalId, task]))

    for await (const { items: wants } of inPages(this.wants(tasks), ({ have }) => WANT_LENGTH + have.byteLength)) {
      if (wants.length === 0) {
        continue
      }

      for await (const { deliveries } of this.pages({ pull: { wants } }, PageKind.DELIVERIES, { ahead: true })) {
        const page = (deliveries?.deliveries ?? []).map(delivery => readDelivery(this.scope, delivery))

        await this.receiver.receive(page.filter(delivery => {
          const expected = byId.get(delivery.proposalId)?.expected

          if (expected == null) {
            throw new SyncFaultError(`sent proposal ${delivery.proposalId}, which was not asked for`)
          }

          return expected.check(delivery)
        }))
      }

      for (const { proposalId } of wants) {
        this.checkDelivered(byId.get(proposalId) as Task)
      }
    }
  }

  /** What a peer has no longer is asked for again the next time: it may have come back, or be listed otherwise */
  private checkDelivered (task: Task): void {
    if (task.expected?.checkComplete() !== true) {
      task.again = true
      this.undelivered++
    }
  }

  private async * wants (tasks: Task[]): AsyncGenerator<Encodable<Want>> {
    for (const task of tasks) {
      const { proposalId, take, digest } = task
      const session = isNew(task) ? undefined : await this.init.storage.getSession(this.scope.key, proposalId)
      const keys = session == null ? [] : voteKeys(session)
      const want = { proposalId, announcement: isNew(task), votes: take === 'all' || take === 'votes' }

      task.expected = new Expected(this.scope, { ...want, digest, have: keys, expectedVoters: session?.proposal.expectedVotersCount })

      yield { ...want, have: want.votes ? this.scope.haveSets.of(keys).encode() : new Uint8Array(0) }
    }
  }

  /** Gives what the other side lacks */
  private async push (tasks: Task[]): Promise<void> {
    for await (const { items } of inPages(this.missing(tasks), pieceLength)) {
      if (items.length > 0) {
        const { ack } = await this.ask({ push: { deliveries: toDeliveries(items) } })

        if (ack?.taken.every(taken => items.some(({ proposalId }) => proposalId === taken)) !== true) {
          throw new SyncFaultError('did not say what it has taken, or took what was not given')
        }
      }
    }
  }

  private async * missing (tasks: Task[]): AsyncGenerator<Piece> {
    for (const { proposalId, give, expected } of tasks) {
      const session = await this.init.storage.getSession(this.scope.key, proposalId)

      // pruned meanwhile, here or there
      if (session == null || (session.pruned != null && !isProven(session)) || (give === 'votes' && expected?.takesVotes !== true)) {
        continue
      }

      const missing = missingVotes(session, expected?.claimed)

      if (give === 'all') {
        // never on two pages: what is past is not taken everywhere without a vote
        yield { proposalId, announcement: announcementOf(session), vote: missing.next().value?.vote }
      }

      yield * missing
    }
  }

  /**
   * The pages of what is asked for
   *
   * @param request - what is asked for
   * @param kind - what is on the pages
   * @param options - a bag of options
   * @param options.ahead - whether each page is asked for before the one before it is dealt with. Nothing else may be asked meanwhile.
   */
  private async * pages (request: Encodable<Partial<SyncRequest>>, kind: PageKind, { ahead = false } = {}): AsyncGenerator<SyncResponse> {
    let page = await this.ask(request)

    while (page.more) {
      if (isEmpty(page)) {
        throw new SyncFaultError('sent a page with nothing on it that is not the last')
      }

      const next = ahead ? this.ask({ next: { of: kind } }) : undefined

      // whoever comes to it is told, and where nobody does the stream is aborted
      next?.catch(() => {})

      yield page
      page = await (next ?? this.ask({ next: { of: kind } }))
    }

    yield page
  }

  private async ask (request: Encodable<Partial<SyncRequest>>): Promise<SyncResponse> {
    await this.frames.write(request)

    const response = await this.frames.read()

    if (request.hello == null) {
      checkGoesOn(response)
    }

    return response
  }
}

/** Whether it is a proposal that is not here yet */
function isNew ({ take }: Plan): boolean {
  return take === 'all' || take === 'announcement'
}

/** Who answers may end a sync any time, if it says so */
function checkGoesOn ({ status }: SyncResponse): void {
  switch (status) {
    case SyncStatus.OK: return
    case SyncStatus.BUSY: throw new SyncDismissedError('busy')
    case SyncStatus.UNKNOWN_SCOPE:
    case SyncStatus.UNSUPPORTED: throw new SyncDismissedError('elsewhere')
    default: throw new SyncFaultError(`answered with ${status}`)
  }
}

function isEmpty ({ days, summaries, deliveries }: SyncResponse): boolean {
  return (days?.days.length ?? 0) + (deliveries?.deliveries.length ?? 0) === 0 && summaries?.days.some(day => day.summaries.length > 0) !== true
}
