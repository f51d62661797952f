/**
 * What is known of the scopes that a node is in: which are open, and what their voters are called. There are events while the
 * service starts and stops, when it does not say what scopes it is in: what it said before counts then.
 */

import { voterNames } from '../../consensus/policy/voter-names.ts'
import { toAddress } from '../api/json.ts'
import type { NameOf } from '../../consensus/policy/voter-names.ts'
import type { ScopePolicy, Voting } from '../../index.ts'

interface KnownScope {
  policy: ScopePolicy
  nameOf: NameOf
}

export class KnownScopes {
  private readonly voting: Pick<Voting, 'scopes'>
  private readonly known = new Map<string, KnownScope>()

  /**
   * @param policies - of the scopes that the node is in again when it starts
   */
  constructor (voting: Pick<Voting, 'scopes'>, policies: ScopePolicy[] = []) {
    this.voting = voting
    policies.forEach(policy => { this.add(policy) })
  }

  /** Whether anybody may vote in a scope */
  isOpen (scope: string): boolean {
    const known = this.find(scope)

    return known != null && known.policy.voters == null
  }

  /** What the policy of a scope calls voters, by address; a part of an event, empty if it calls none of them anything */
  names (scope: string, identities: Uint8Array[]): { names?: Record<string, string> } {
    const { nameOf } = this.find(scope) ?? {}
    const names = identities.map(toAddress).flatMap((address): Array<[string, string]> => {
      const name = nameOf?.(address)

      return name == null ? [] : [[address, name]]
    })

    return names.length === 0 ? {} : { names: Object.fromEntries(names) }
  }

  /** A voter in words: by address, and by name where the policy of the scope has one */
  describe (scope: string, identity: Uint8Array): string {
    const address = toAddress(identity)
    const name = this.find(scope)?.nameOf(address)

    return name == null ? address : `${name} (${address})`
  }

  private find (scope: string): KnownScope | undefined {
    try {
      const policy = this.voting.scopes().find(({ name }) => name === scope)?.policy

      if (policy != null && this.known.get(scope)?.policy !== policy) {
        this.add(policy)
      }
    } catch (err: any) {
      if (err.name !== 'NotStartedError') {
        throw err
      }
    }

    return this.known.get(scope)
  }

  private add (policy: ScopePolicy): void {
    this.known.set(policy.name, { policy, nameOf: voterNames(policy) })
  }
}
