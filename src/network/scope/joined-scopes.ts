/**
 * The scopes this node is in: which they are, how they are entered and left, and that they are entered again at start.
 */

import { equals } from 'uint8arrays/equals'
import { streamActiveSessions } from '../../consensus/storage/interface.ts'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import { ScopeConflictError, ScopeNotJoinedError } from '../errors.ts'
import { LiveScope } from './live-scope.ts'
import type { LiveScopeInit } from './live-scope.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { ConsensusStorage, PolicyStorage, ScopeSettings } from '../../consensus/storage/interface.ts'
import type { PubSubMessage, Verdict } from '../gossip/pubsub.ts'
import type { PeerId } from '@libp2p/interface'

export interface JoinedScopesInit {
  components: LiveScopeInit
  storage: ConsensusStorage & PolicyStorage

  /** Validates a message on the topic of a scope */
  validate (scope: LiveScope, peer: PeerId, message: PubSubMessage): Promise<Verdict>

  onSubscribe? (topic: string): void
  onUnsubscribe? (topic: string): void

  /** Is given each active session of a scope that is entered */
  onActive (scope: LiveScope, session: ConsensusSession): void

  /** Called once a scope is entered */
  onEnter (scope: LiveScope): void
}

export class JoinedScopes {
  private readonly init: JoinedScopesInit
  private readonly joined = new Map<string, LiveScope>()
  private readonly mutex = new KeyedMutex()
  /** Why no scope can be entered */
  private closed?: Error

  constructor (init: JoinedScopesInit) {
    this.init = init
  }

  list (): LiveScope[] {
    return [...this.joined.values()]
  }

  find (name: string): LiveScope | undefined {
    return this.joined.get(name)
  }

  /**
   * @throws {ScopeNotJoinedError}
   */
  get (name: string): LiveScope {
    const scope = this.joined.get(name)

    if (scope == null) {
      throw new ScopeNotJoinedError(name, [...this.joined.keys()])
    }

    return scope
  }

  /** The scope that the core knows by this key */
  byKey (key: string): LiveScope | undefined {
    const scope = this.joined.get(key.slice(0, key.indexOf('/')))

    return scope?.key === key ? scope : undefined
  }

  /** Enters the scopes that were joined before the process, or the node, was stopped */
  async restore (): Promise<void> {
    this.closed = undefined

    for (const policy of await this.init.storage.listPolicies()) {
      await this.enter(new LiveScope(this.init.components, policy))
    }
  }

  /**
   * @throws {ScopeConflictError}
   */
  async join (policy: ScopePolicy): Promise<LiveScope> {
    return this.mutex.run(policy.name, async () => {
      const scope = new LiveScope(this.init.components, policy)
      const existing = this.joined.get(policy.name)

      if (existing != null) {
        if (!equals(existing.digest, scope.digest)) {
          throw new ScopeConflictError(`Scope "${policy.name}" is joined under another policy. Leave it first, or give the new one another name`)
        }

        return existing
      }

      await this.init.storage.setScopeConfig(scope.key, scope.config)
      await this.enter(scope)

      try {
        await this.init.storage.savePolicy(policy)
      } catch (err: any) {
        this.exit(scope, err)
        throw err
      }

      return scope
    })
  }

  /**
   * @throws {ScopeNotJoinedError}
   */
  async leave (name: string): Promise<void> {
    await this.mutex.run(name, async () => {
      const scope = this.get(name)

      await this.init.storage.removePolicy(name)
      this.exit(scope, new ScopeNotJoinedError(name, this.list().map(({ name }) => name).filter(other => other !== name)))
    })
  }

  /**
   * @throws {ScopeNotJoinedError}
   */
  async configure (name: string, settings: ScopeSettings): Promise<LiveScope> {
    return this.mutex.run(name, async () => {
      const scope = this.get(name)

      await this.init.storage.saveSettings(name, settings)
      scope.settings = settings

      return scope
    })
  }

  /** Stops taking part in all scopes, which stay joined for the next start */
  exitAll (reason: Error): void {
    this.closed = reason
    this.list().forEach(scope => { this.exit(scope, reason) })
  }

  private async enter (scope: LiveScope): Promise<void> {
    const { components: { pubsub }, storage } = this.init

    if (this.closed != null) {
      throw this.closed
    }

    this.joined.set(scope.name, scope)

    try {
      scope.settings = await storage.getSettings(scope.name) ?? scope.settings
      scope.missedAutoVotes = await storage.listMissed(scope.key)

      for await (const session of streamActiveSessions(storage, scope.key)) {
        // the service may be stopped while this reads
        scope.signal.throwIfAborted()
        this.init.onActive(scope, session)
      }

      scope.signal.throwIfAborted()
      pubsub.topicValidators.set(scope.topic, async (peer, message) => this.init.validate(scope, peer, message))
      this.init.onSubscribe?.(scope.topic)
      pubsub.subscribe(scope.topic)
      this.init.onEnter(scope)
    } catch (err: any) {
      this.exit(scope, err)
      throw err
    }
  }

  private exit (scope: LiveScope, reason: Error): void {
    const { pubsub } = this.init.components

    this.joined.delete(scope.name)
    scope.close(reason)

    if (pubsub.topicValidators.delete(scope.topic)) {
      pubsub.unsubscribe(scope.topic)
      this.init.onUnsubscribe?.(scope.topic)
    }
  }
}
