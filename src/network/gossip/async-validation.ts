/**
 * Validates messages side by side within bounds, for a gossipsub with `asyncValidation`.
 *
 * The topic validator is a gate: it waits for a slot, begins the validation and lets the message through. Gossipsub then reads on,
 * and takes the verdict later. While the gate waits, a gossipsub that awaits its handlers reads nothing more of the peer. A verdict on
 * a message that gossipsub no longer keeps has no effect there, so the service hears of it.
 */

import { Slots } from '../../util/slots.ts'
import { PEER_LIMITS, TOTAL_LIMITS } from './limits.ts'
import { mcacheLengthOf, verdictsOf } from './runtime-members.ts'
import type { PubSub, PubSubMessage, Verdict } from './pubsub.ts'
import type { ReportVerdict } from './runtime-members.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** The key of all peers together */
const ALL = 'all'

export interface AsyncValidationInit {
  log: Logger
  validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict>
  /** Called with a verdict that came after gossipsub had deleted the message: nothing was forwarded, and no score was lowered */
  onLate (scope: JoinedScope, peer: PeerId, verdict: Verdict): void
}

interface Waiting {
  peer: string
  bytes: number
  admit (): void
}

interface Validating {
  scope: JoinedScope
  verdict: Promise<Verdict>
}

/** What gossipsub tells of a message that a topic validator let through */
interface Delivered {
  propagationSource: PeerId
  msgId: string
  /** The object that the topic validator was given */
  msg: PubSubMessage
}

interface DeliveringPubSub extends PubSub {
  addEventListener (type: string, listener: (event: any) => void): void
  removeEventListener (type: string, listener: (event: any) => void): void
}

export class AsyncValidation {
  private readonly init: AsyncValidationInit
  private readonly perPeer = new Slots<string>(PEER_LIMITS)
  private readonly total = new Slots<string>(TOTAL_LIMITS)
  /** In the order they came. Gossipsub awaits each, so a peer has one at a time, and a busy peer holds up no other. */
  private readonly waiting = new Set<Waiting>()
  private readonly validating = new WeakMap<PubSubMessage, Validating>()
  private heartbeats = 0
  private mcacheLength = 0
  private pubsub?: DeliveringPubSub
  private report: ReportVerdict = () => {}

  constructor (init: AsyncValidationInit) {
    this.init = init
  }

  /**
   * @throws {TypeError} if this release of gossipsub takes no verdicts
   */
  start (pubsub: PubSub): void {
    this.report = verdictsOf(pubsub)
    this.mcacheLength = mcacheLengthOf(pubsub)
    this.pubsub = pubsub
    this.pubsub.addEventListener('gossipsub:message', this.onDelivered)
    this.pubsub.addEventListener('gossipsub:heartbeat', this.onHeartbeat)
  }

  stop (): void {
    this.pubsub?.removeEventListener('gossipsub:message', this.onDelivered)
    this.pubsub?.removeEventListener('gossipsub:heartbeat', this.onHeartbeat)
  }

  /** The topic validator: lets a message through once its validation has begun */
  async enter (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    const bytes = message.data.byteLength
    const key = `${peer}`

    if (!await this.takeSlot(key, bytes, scope.signal)) {
      return 'ignore'
    }

    const verdict = this.init.validate(scope, peer, message).catch<Verdict>(err => {
      this.init.log.error('could not validate a message of %p - %e', peer, err)

      return 'ignore'
    })

    void verdict.then(() => { this.freeSlot(key, bytes) })
    this.validating.set(message, { scope, verdict })

    return 'accept'
  }

  private readonly onHeartbeat = (): void => {
    this.heartbeats++
  }

  private readonly onDelivered = ({ detail: { msg, msgId, propagationSource } }: CustomEvent<Delivered>): void => {
    const validating = this.validating.get(msg)

    if (validating == null) {
      // of a topic that is not ours
      return
    }

    const { scope, verdict } = validating
    const lostAt = this.heartbeats + this.mcacheLength

    verdict.then(verdict => {
      if (this.heartbeats < lostAt) {
        this.report(msgId, `${propagationSource}`, verdict)
      } else {
        this.init.onLate(scope, propagationSource, verdict)
      }
    }).catch(err => { this.init.log.error('could not report the verdict on a message of %p - %e', propagationSource, err) })
  }

  /** Resolves with false if the signal aborts before there is a slot */
  private async takeSlot (peer: string, bytes: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) {
      return false
    }

    if (this.hasRoom(peer, bytes)) {
      this.take(peer, bytes)

      return true
    }

    return new Promise(resolve => {
      const end = (isAdmitted: boolean): void => {
        signal.removeEventListener('abort', abort)
        this.waiting.delete(waiting)
        resolve(isAdmitted)
      }
      const abort = (): void => { end(false) }
      const waiting: Waiting = {
        peer,
        bytes,
        admit: () => {
          this.take(peer, bytes)
          end(true)
        }
      }

      this.waiting.add(waiting)
      signal.addEventListener('abort', abort)
    })
  }

  private freeSlot (peer: string, bytes: number): void {
    this.perPeer.free(peer, bytes)
    this.total.free(ALL, bytes)

    for (const waiting of this.waiting) {
      if (this.hasRoom(waiting.peer, waiting.bytes)) {
        waiting.admit()
      }
    }
  }

  private hasRoom (peer: string, bytes: number): boolean {
    return this.perPeer.isIdle(peer) || (this.perPeer.hasRoom(peer, bytes) && this.total.hasRoom(ALL, bytes))
  }

  private take (peer: string, bytes: number): void {
    this.perPeer.take(peer, bytes)
    this.total.take(ALL, bytes)
  }
}
