/**
 * The side that answers. It keeps, for each stream, at most one list and one delivery that are under way, of which no more
 * than a page and one proposal are in memory.
 */

import { equals } from 'uint8arrays/equals'
import { GossipSigning, PageKind, SyncRequest, SyncResponse, SyncStatus } from '../../pb/sync.ts'
import { inTime } from '../../util/in-time.ts'
import { Budget } from './budget.ts'
import { BATCH_SIZE, DAYS_PER_QUERY, HASH_LENGTH } from './constants.ts'
import { announcementOf, holdingOf, missingVotes, pieceLength, readDelivery, toDeliveries } from './delivery.ts'
import { isProofOnly } from './differences.ts'
import { PRUNED } from './digests.ts'
import { SyncCutOffError, SyncFaultError, SyncLimitError, SyncStalledError } from './errors.ts'
import { inPages } from './pages.ts'
import { Receiver } from './receiver.ts'
import type { Piece } from './delivery.ts'
import type { Entry } from './digests.ts'
import type { Frames } from './frames.ts'
import type { SyncParts, Taught } from './types.ts'
import type { Encodable } from '../../consensus/encoding/encode.ts'
import type { DaySummaries, Holding, SyncHello, Want } from '../../pb/sync.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** Bytes that a day or a summary takes at most on a page */
const DAY_LENGTH = 48
const SUMMARY_LENGTH = 90

/** What is said of a proposal that is not there any more */
const GONE: Encodable<Holding> = { have: new Uint8Array(0), entry: new Uint8Array(0), flags: PRUNED }

type ServerFrames = Frames<SyncRequest, SyncResponse>
type Answer = Encodable<Partial<SyncResponse>>
type Pages = AsyncGenerator<Answer, void, undefined>

export interface ServerInit extends SyncParts {
  /** Is told what a peer has brought that was new */
  onTaught (scope: JoinedScope, peer: PeerId, taught: Taught): void

  /** The scope of this name, if this node is a member of it */
  findScope (name: string): JoinedScope | undefined

  /** Milliseconds that a peer waits while it is found out what there is, then it is to come again */
  rootPatience: number
}

/** Says that the peer asks too often */
export async function refuseBusy (frames: ServerFrames): Promise<void> {
  await frames.write({ status: SyncStatus.BUSY, more: false })
}

/**
 * Answers what a peer asks, until it has no more to ask, is not answered any more, or is too slow, which it is told. Whatever ends
 * it, a peer that is not at fault has no reason to think that we are. Resolves with the error if the sync reached its bounds.
 *
 * @throws {SyncFaultError} | {SyncStalledError} | {SyncCutOffError} | {SyncLimitError}
 */
export async function answer (init: ServerInit, peer: PeerId, frames: ServerFrames): Promise<SyncLimitError | undefined> {
  const request = await frames.read()
  const { hello } = request

  if (isUnknown(request)) {
    init.onNewerFormat(peer)
    await frames.write({ status: SyncStatus.UNSUPPORTED, more: false })

    return
  }

  if (hello == null) {
    throw new SyncFaultError('began with something else than a hello')
  }

  const scope = init.findScope(hello.scope)

  if (scope == null) {
    await frames.write({ status: SyncStatus.UNKNOWN_SCOPE, more: false })

    return
  }

  if (hello.digest.byteLength !== HASH_LENGTH) {
    throw new SyncFaultError(`named a policy by ${hello.digest.byteLength} bytes`)
  }

  if (!equals(scope.digest, hello.digest)) {
    init.onPolicyMismatch(peer, scope.name, hello.digest)
    await frames.write({ status: SyncStatus.OTHER_POLICY, more: false, hello: helloOf(scope, init.signing(), 0, new Uint8Array(0)) })

    return
  }

  compareSigning(init, peer, scope, hello)
  scope.prunedProposals.update(peer, hello.pruned)

  const { shown } = await init.members.receive(scope, peer, hello)

  // where there is much, and it is looked at for the first time, this takes longer than a peer waits
  const summary = await inTime(init.index.summary(scope, hello.since), init.rootPatience)

  if (summary == null) {
    await refuseBusy(frames)

    return
  }

  const { root, pruned } = summary
  const proofs = await init.members.hello(scope, peer, shown)

  await frames.write({ status: SyncStatus.OK, more: false, hello: { ...helloOf(scope, init.signing(), hello.since, root), pruned, ...proofs, now: init.clock() } })

  const session = new ServerSession(init, scope, peer, hello.since, frames)

  try {
    return await session.run()
  } finally {
    init.onTaught(scope, peer, session.taught)
  }
}

export function helloOf (scope: JoinedScope, signing: GossipSigning, since: number, root: Uint8Array): Encodable<SyncHello> {
  return { scope: scope.name, digest: scope.digest, signing, since, root, yours: [] }
}

/** Tells of a peer whose messages gossipsub drops, as it does ours */
export function compareSigning (init: SyncParts, peer: PeerId, scope: JoinedScope, { signing }: SyncHello): void {
  const ours = init.signing()
  const isOther = signing !== ours && signing !== GossipSigning.UNKNOWN && ours !== GossipSigning.UNKNOWN

  init.onSigning(peer, scope.name, isOther ? signing : undefined)

  if (isOther) {
    init.onSigningMismatch(peer, scope.name, signing)
  }
}

class ServerSession {
  private readonly init: SyncParts
  private readonly scope: JoinedScope
  private readonly peer: PeerId
  private readonly since: number
  private readonly frames: ServerFrames
  private readonly receiver: Receiver
  private readonly budget = new Budget()
  private readonly underWay = new Map<PageKind, Pages>()

  constructor (init: SyncParts, scope: JoinedScope, peer: PeerId, since: number, frames: ServerFrames) {
    this.init = init
    this.scope = scope
    this.peer = peer
    this.since = since
    this.frames = frames
    this.receiver = new Receiver({ ...init, scope, peer })
  }

  /** What was new so far */
  get taught (): Taught {
    return this.receiver.taught
  }

  async run (): Promise<SyncLimitError | undefined> {
    try {
      for (let request = await this.next(); request != null; request = await this.next()) {
        await this.frames.write({ status: SyncStatus.OK, more: false, ...await this.respond(request) })
      }
    } catch (err) {
      if (this.scope.signal.aborted) {
        await this.frames.writeLast({ status: SyncStatus.UNKNOWN_SCOPE, more: false })
      } else if (err instanceof SyncLimitError) {
        await this.frames.writeLast({ status: SyncStatus.BUSY, more: false })

        return err
      } else {
        throw err
      }
    } finally {
      this.receiver.finish()

      for (const pages of this.underWay.values()) {
        await pages.return()
      }
    }
  }

  /** The next request; undefined if there is none, since the peer hung up after a response or is not waited for any longer */
  private async next (): Promise<SyncRequest | undefined> {
    try {
      return await this.frames.read({ signal: this.scope.signal })
    } catch (err) {
      if (err instanceof SyncStalledError) {
        // it may have much to do with what it got
        await this.frames.writeLast({ status: SyncStatus.BUSY, more: false })
      } else if (!(err instanceof SyncCutOffError)) {
        throw err
      }
    }
  }

  private async respond (request: SyncRequest): Promise<Answer> {
    const { days, summaries, pull, push, next } = request

    if (days != null) {
      return this.begin(PageKind.LISTING, this.days())
    }

    if (summaries != null) {
      return this.begin(PageKind.LISTING, this.summaries(summaries.days))
    }

    if (pull != null) {
      return this.begin(PageKind.DELIVERIES, this.deliveries(pull.wants))
    }

    if (push != null) {
      const taken = await this.receiver.receive(push.deliveries.map(delivery => readDelivery(this.scope, delivery)))

      this.budget.onPush(taken.length)

      return { ack: { taken } }
    }

    if (next != null) {
      return this.page(next.of)
    }

    if (isUnknown(request)) {
      this.init.onNewerFormat(this.peer, this.scope.name)

      return { status: SyncStatus.UNSUPPORTED }
    }

    throw new SyncFaultError('said hello twice')
  }

  private async begin (kind: PageKind, pages: Pages): Promise<Answer> {
    await this.underWay.get(kind)?.return()
    this.underWay.set(kind, pages)

    return this.page(kind)
  }

  private async page (kind: PageKind): Promise<Answer> {
    const { value } = await this.underWay.get(kind)?.next() ?? {}

    if (value == null) {
      throw new SyncFaultError('asked for a page after the last')
    }

    return value
  }

  private async * days (): Pages {
    const known = await this.init.index.days(this.scope, this.since)

    this.budget.onDays()

    for await (const { items: days, more } of inPages(known, () => DAY_LENGTH)) {
      yield { more, days: { days } }
    }
  }

  private async * summaries (days: number[]): Pages {
    if (days.length > DAYS_PER_QUERY || days.some((day, index) => index > 0 && day <= days[index - 1])) {
      throw new SyncFaultError(`asked for days that are not in ascending order, or for more than ${DAYS_PER_QUERY}`)
    }

    // looking for what is not there would cost as much as what is
    const known = new Set((await this.init.index.days(this.scope, this.since)).map(({ day }) => day))
    const asked = days.filter(day => known.has(day))

    this.budget.onSummaries(asked)

    for await (const { items, more } of inPages(this.init.index.entries(this.scope, asked), () => SUMMARY_LENGTH)) {
      this.budget.onListed(items.length)

      yield { more, summaries: { days: byDay(items) } }
    }
  }

  private async * deliveries (wants: Want[]): Pages {
    for await (const { items, more } of inPages(this.pieces(wants), pieceLength)) {
      yield { more, deliveries: { deliveries: toDeliveries(items) } }
    }
  }

  private async * pieces (wants: Want[]): AsyncGenerator<Piece> {
    if (wants.length > BATCH_SIZE || new Set(wants.map(({ proposalId }) => proposalId)).size < wants.length) {
      throw new SyncFaultError(`asked for more than ${BATCH_SIZE} proposals, or for one twice`)
    }

    this.budget.onPull(wants.length)

    for (const { proposalId, announcement, votes, have } of wants) {
      const session = await this.init.storage.getSession(this.scope.key, proposalId)
      const holding = session == null ? GONE : holdingOf(this.scope, session)

      if (session == null || ((holding.flags & PRUNED) !== 0 && !isProofOnly(holding))) {
        // who asks for votes as well would count those that there were
        yield { proposalId, holding, announcement: session != null && announcement && !votes ? announcementOf(session) : undefined }
        continue
      }

      const missing = votes ? missingVotes(session, this.scope.haveSets.decode(have)) : undefined

      // never on two pages: what is past is not taken everywhere without a vote
      yield { proposalId, holding, announcement: announcement ? announcementOf(session) : undefined, vote: missing?.next().value?.vote }

      if (missing != null) {
        yield * missing
      }
    }
  }
}

/** Whether a request has none of the contents that this version knows */
function isUnknown ({ hello, days, summaries, pull, push, next }: SyncRequest): boolean {
  return [hello, days, summaries, pull, push, next].every(content => content == null)
}

function byDay (entries: Entry[]): Array<Encodable<DaySummaries>> {
  const days: Array<Encodable<DaySummaries>> = []

  for (const { day, ...summary } of entries) {
    if (days.at(-1)?.day !== day) {
      days.push({ day, summaries: [] })
    }

    days.at(-1)?.summaries.push(summary)
  }

  return days
}
