/**
 * What a policy calls its voters, by their addresses.
 */

import type { ScopePolicy } from './policy.ts'

/** Returns the name of a voter by its address in any case of letters, undefined for one without a name */
export type NameOf = (address: string) => string | undefined

export function voterNames ({ voters }: Pick<ScopePolicy, 'voters'>): NameOf {
  const names = new Map((voters ?? []).map(({ address, name }) => [address.toLowerCase(), name]))

  return address => names.get(address.toLowerCase()) ?? undefined
}
