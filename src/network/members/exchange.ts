/**
 * Proofs of members travel in the hello of a sync, both ways: the sender's own, and those that it holds of the receiver's voter,
 * by which a node finds out that its locks were restored.
 */

import { equals } from 'uint8arrays/equals'
import { isCurrent, MAX_HELD_PROOFS, memberProofProblem, verifyMemberProof } from '../../consensus/proofs/member-proof.ts'
import { MemberProof as MemberProofMessage } from '../../pb/sync.ts'
import { SyncFaultError } from '../sync/errors.ts'
import type { OwnProofs } from './own-proofs.ts'
import type { MemberProof } from '../../consensus/proofs/member-proof.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { SyncHello } from '../../pb/sync.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** Of each connection and scope one proof is verified in this time, in seconds */
const VERIFY_SECONDS = 60n

/** Peers whose last proof is remembered, in all scopes: more than a node has, unless its host wants many */
const MAX_REMEMBERED = 10_000

/** A proof, and the peer that it names */
export interface NamedProof {
  proof: MemberProof
  /** Peer id as text */
  peer: string
}

/** What is remembered of proofs after their peers are gone */
export interface ProofBook {
  /** Stores a valid proof of a voter */
  add (scope: JoinedScope, proof: NamedProof): void
  /** What the node of a voter that has shown a proof is to be given back */
  toGiveBack (scope: JoinedScope, shown: MemberProof): NamedProof[]
  /** Called when the node of a voter has taken in proofs with these marks, which it was given back */
  onTaken (scope: JoinedScope, voter: Uint8Array, marks: Uint8Array[]): void
  /** Whether a proof that claims to be our own voter's would tell something about our locks. It is verified only then. */
  isNews (scope: JoinedScope, proof: MemberProof): boolean
  /**
   * Call with a proof that our own voter has signed, expired or not, which a peer has given back. Resolves with whether it told
   * anything new, or undefined if that could not be found out.
   */
  onOwn (scope: JoinedScope, proof: NamedProof): Promise<boolean | undefined>
}

/** What a peer's hello has said about members */
export interface Received {
  /** The peer's own proof, if it is valid */
  shown?: MemberProof
  /** Whether the peer has said what it has of our own voter's proofs, and this node has taken that into account */
  told: boolean
}

export interface MemberExchangeInit {
  scheme: SignatureScheme
  peerId: PeerId
  own: OwnProofs
  /** Nothing is remembered without */
  book?: ProofBook
  /** Identity of this node's own key, if it has one */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  /** Ids of the connections to a peer */
  connections (peer: PeerId): string[]
  log: Logger
  /** Called after a peer has proven a voter's key */
  onProven (scope: JoinedScope, peer: PeerId, proof: MemberProof): void
  /** Called when a current proof of our own voter names another peer than this node; the peer id is text */
  onOwnVoter (scope: JoinedScope, peer: string): void
  /** Since when this process has run without a break, by the wall clock, Unix seconds; the skew is in seconds */
  since (skew: number): bigint
  /** Called when another process has proven our own voter with this node's peer id */
  onOwnPeer (scope: JoinedScope): void
}

/** The last proof of a peer that was verified */
interface Verified {
  peer: PeerId
  /** As it came */
  bytes: Uint8Array
  isValid: boolean
  /** Unix seconds */
  at: bigint
  /** Ids of the connections that there were to the peer */
  connections: string[]
}

export class MemberExchange {
  private readonly init: MemberExchangeInit
  /** By kind of proof, scope and peer */
  private readonly verified = new Map<string, Verified>()

  constructor (init: MemberExchangeInit) {
    this.init = init
  }

  /**
   * What a hello to a peer says about members
   *
   * @param shown - the proof that the peer has just shown, if it has
   */
  async hello (scope: JoinedScope, peer: PeerId, shown?: MemberProof): Promise<Pick<SyncHello, 'member' | 'yours'>> {
    const { own, book } = this.init
    const [member, [theirs]] = [await own.of(scope), shown == null ? scope.members.proofsOf(peer) : [shown]]
    const yours = theirs == null ? [] : book?.toGiveBack(scope, theirs) ?? []

    return {
      ...member == null ? {} : { member: toMessage(member) },
      yours: yours.map(held => ({ ...toMessage(held.proof), ...held.peer === `${peer}` ? {} : { peer: held.peer } }))
    }
  }

  /** Call when a peer has answered a hello, and so taken in what it was given back */
  onTaken (scope: JoinedScope, { yours }: Pick<SyncHello, 'yours'>): void {
    if (yours.length > 0) {
      this.init.book?.onTaken(scope, yours[0].voter, yours.map(({ mark }) => mark))
    }
  }

  /**
   * Takes in what a peer's hello says about members
   *
   * @throws {SyncFaultError} if the peer shows a proof that no honest peer has
   */
  async receive (scope: JoinedScope, peer: PeerId, { member, yours }: Pick<SyncHello, 'member' | 'yours'>): Promise<Received> {
    // nobody has to prove anything where anybody may vote
    if (scope.open) {
      return { told: false }
    }

    const told = await this.receiveOwn(scope, peer, yours)

    return { shown: member == null ? undefined : await this.receiveMember(scope, peer, member), told }
  }

  clear (): void {
    this.verified.clear()
  }

  private async receiveMember (scope: JoinedScope, peer: PeerId, message: MemberProofMessage): Promise<MemberProof | undefined> {
    const { clock, book, identity, onProven } = this.init
    const proof = fromMessage(message)
    const problem = memberProofProblem(scope, proof)

    if (problem != null) {
      throw new SyncFaultError(`sent a member proof that is not valid: ${problem}`)
    }

    if (!isCurrent(proof, clock(), scope.policy.clockSkewSeconds)) {
      return
    }

    const isValid = await this.isValid('member', scope, peer, { proof, peer: `${peer}` })

    if (isValid === false) {
      throw new SyncFaultError('sent a member proof that its voter has not signed')
    }

    // another node with our key may know of more locks than this one
    if (isValid === true && identity != null && equals(proof.voter, identity) && book?.isNews(scope, proof) === true) {
      await book.onOwn(scope, { proof, peer: `${peer}` })
    }

    // it may have disconnected, or the scope may have been left
    if (isValid !== true || scope.signal.aborted || this.init.connections(peer).length === 0) {
      return
    }

    if (scope.members.add(peer, proof)) {
      book?.add(scope, { proof, peer: `${peer}` })
      onProven(scope, peer, proof)
    }

    return proof
  }

  /**
   * Takes in what a peer has of our own voter, which may be from a time that this node does not remember. Resolves with whether
   * the peer has told, and nothing of it was left out.
   */
  private async receiveOwn (scope: JoinedScope, peer: PeerId, messages: MemberProofMessage[]): Promise<boolean> {
    const { identity, peerId } = this.init

    if (messages.length > MAX_HELD_PROOFS) {
      throw new SyncFaultError(`gave back ${messages.length} member proofs, and may give back at most ${MAX_HELD_PROOFS}`)
    }

    const proofs = messages.map(message => ({ proof: fromMessage(message), peer: message.peer ?? `${peerId}` }))

    if (identity == null || proofs.some(({ proof }) => !equals(proof.voter, identity) || memberProofProblem(scope, proof) != null)) {
      return false
    }

    let told = proofs.length > 0

    // where the first one is news, and was taken in, the others are no news
    for (const own of proofs) {
      told = await this.receiveOne(scope, peer, own) && told
    }

    return told
  }

  private async receiveOne (scope: JoinedScope, peer: PeerId, own: NamedProof): Promise<boolean> {
    const { peerId, book, clock, since, onOwnVoter, onOwnPeer } = this.init
    const isElsewhere = own.peer !== `${peerId}` && isCurrent(own.proof, clock(), scope.policy.clockSkewSeconds)
    const isNews = book?.isNews(scope, own.proof) === true
    const isValid = (isElsewhere || isNews) && await this.isValid(isNews ? 'news' : 'elsewhere', scope, peer, own) === true

    if (isElsewhere && isValid) {
      onOwnVoter(scope, own.peer)
    }

    if (!isNews || !isValid) {
      return !isNews
    }

    const isAhead = await book.onOwn(scope, own)
    const { clockSkewSeconds } = scope.policy

    // an earlier state of this machine has proven nothing since this process began, and this process did not prove it
    if (isAhead === true && own.peer === `${peerId}` && own.proof.issued > since(clockSkewSeconds) + BigInt(clockSkewSeconds)) {
      onOwnPeer(scope)
    }

    return isAhead != null
  }

  /** Whether the voter has signed a proof; undefined if another one was verified on this connection within a minute, or it cannot be told */
  private async isValid (kind: string, scope: JoinedScope, source: PeerId, { proof, peer }: NamedProof): Promise<boolean | undefined> {
    const { scheme, clock, log } = this.init
    const key = `${kind} ${scope.key} ${source}`
    const bytes = MemberProofMessage.encode({ ...toMessage(proof), peer })
    const last = this.verified.get(key)
    const now = clock()
    const connections = this.init.connections(source)

    if (last != null && equals(last.bytes, bytes)) {
      return last.isValid
    }

    if (last != null && now >= last.at && now < last.at + VERIFY_SECONDS && last.connections.some(id => connections.includes(id))) {
      return
    }

    try {
      const isValid = await verifyMemberProof(scheme, { scope: scope.name, digest: scope.digest, peer }, proof)

      this.remember(key, { peer: source, bytes, isValid, at: now, connections })

      return isValid
    } catch (err) {
      log.error('could not verify the member proof of %p in scope %s - %e', source, scope.name, err)
    }
  }

  private remember (key: string, verified: Verified): void {
    for (const [other, { peer }] of this.verified) {
      if (this.init.connections(peer).length === 0 || this.verified.size >= MAX_REMEMBERED) {
        this.verified.delete(other)
      }
    }

    this.verified.set(key, verified)
  }
}

function toMessage ({ voter, issued, expires, count, mark, signature }: MemberProof): MemberProofMessage {
  return { voter, issued, expires, count, mark, signature } as MemberProofMessage
}

function fromMessage ({ voter, issued, expires, count, mark, signature }: MemberProofMessage): MemberProof {
  return { voter, issued, expires, count, mark, signature }
}
