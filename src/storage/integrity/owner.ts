/**
 * Whose a store is, and in which network it is used. It is in records, and in the file manifest as well, so that a store of somebody
 * else is refused before LevelDB, which changes its files, has opened it.
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { StorageNetworkError, StorageOwnerError } from '../errors.ts'
import { NETWORK_KEY, OWNER_KEY } from '../level/keys.ts'
import type { Write } from '../level/write-queue.ts'

/** The records of a store, as far as they are looked at here */
interface Records {
  getMany (keys: string[]): Promise<Array<Uint8Array | undefined>>
  write (what: string, writes: Write[]): Promise<void>
}

/** What a store says of itself, where it was told */
export interface Ownership {
  owner?: string
  network?: string
}

/** On what terms a store is opened */
export interface OwnershipTerms extends Ownership {
  /** Whether it becomes this owner's in any case */
  newOwner?: boolean
  /** Whether it becomes this network's in any case */
  newNetwork?: boolean
}

const KEYS = { owner: OWNER_KEY, network: NETWORK_KEY } as const

/**
 * @param before - what the store says
 * @throws {StorageOwnerError}
 * @throws {StorageNetworkError}
 */
export function checkOwnership (location: string, before: Ownership, { owner, network, newOwner = false, newNetwork = false }: OwnershipTerms): void {
  if (differ(before.owner, owner) && !newOwner) {
    throw new StorageOwnerError(`The store ${location} is of ${before.owner}, and this is ${owner}. Use the store, or the key, that belongs to the other`)
  }

  if (differ(before.network, network) && !newNetwork) {
    throw new StorageNetworkError(`The store ${location} was used in ${before.network}, and this is ${network}. Use the store, or the network, that belongs to the other`)
  }
}

/** Returns what a store says of itself once it is opened on these terms */
export function ownershipOf ({ owner, network }: OwnershipTerms): Ownership {
  return { ...owner == null ? {} : { owner }, ...network == null ? {} : { network } }
}

/** What the records of a store say */
export async function readOwnership (database: Records): Promise<Ownership> {
  const [owner, network] = await database.getMany([OWNER_KEY, NETWORK_KEY])

  return {
    ...owner == null ? {} : { owner: toString(owner) },
    ...network == null ? {} : { network: toString(network) }
  }
}

/** Writes the owner and the network of these terms to a store that lacks them or may change them. Call after checkOwnership. */
export async function takeOwnership (database: Records, before: Ownership, terms: OwnershipTerms): Promise<void> {
  const writes = Object.entries(KEYS).flatMap(([name, key]): Write[] => {
    const value = terms[name as keyof typeof KEYS]

    return value == null || value === before[name as keyof typeof KEYS] ? [] : [{ type: 'put', key, value: fromString(value) }]
  })

  if (writes.length > 0) {
    await database.write('whose it is', writes)
  }
}

function differ (before?: string, now?: string): boolean {
  return before != null && now != null && before !== now
}
