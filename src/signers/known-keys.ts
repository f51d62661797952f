import { equals } from 'uint8arrays/equals'
import { BoundedMap } from '../util/bounded.ts'

/** So many keys are remembered before the oldest is forgotten: those of the largest groups */
const MAX_KEYS = 10_000

/**
 * Which public key an address is of, so that it need not be hashed for each vote of the same voter.
 */
export class KnownKeys {
  private readonly keys = new BoundedMap<string, Uint8Array>(MAX_KEYS)

  has (identity: Uint8Array, publicKey: Uint8Array): boolean {
    const known = this.keys.get(key(identity))

    return known != null && equals(known, publicKey)
  }

  add (identity: Uint8Array, publicKey: Uint8Array): void {
    this.keys.set(key(identity), publicKey)
  }
}

/** A character a byte takes less time to make than digits do */
function key (identity: Uint8Array): string {
  return String.fromCharCode(...identity)
}
