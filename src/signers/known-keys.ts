import { equals } from 'uint8arrays/equals'

/** So many keys are remembered before the oldest is forgotten: those of the largest groups */
const MAX_KEYS = 10_000

/**
 * Which public key an address is of, so that it need not be hashed for each vote of the same voter.
 */
export class KnownKeys {
  private readonly keys = new Map<string, Uint8Array>()

  has (identity: Uint8Array, publicKey: Uint8Array): boolean {
    const known = this.keys.get(key(identity))

    return known != null && equals(known, publicKey)
  }

  add (identity: Uint8Array, publicKey: Uint8Array): void {
    this.keys.set(key(identity), publicKey)

    if (this.keys.size > MAX_KEYS) {
      const [oldest] = this.keys.keys()

      this.keys.delete(oldest)
    }
  }
}

/** A character a byte takes less time to make than digits do */
function key (identity: Uint8Array): string {
  return String.fromCharCode(...identity)
}
