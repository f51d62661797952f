/**
 * Bounds how many items, and how many bytes in them, each key has under way at the same time.
 */

export interface SlotLimits {
  items: number
  bytes: number
}

export class Slots<K> {
  private readonly limits: SlotLimits
  private readonly loads = new Map<K, SlotLimits>()

  constructor (limits: SlotLimits) {
    this.limits = limits
  }

  /** Whether nothing of the key is under way */
  isIdle (key: K): boolean {
    return !this.loads.has(key)
  }

  /** Whether there is room for one more item of the key. An item larger than the limit has room while it is alone. */
  hasRoom (key: K, bytes: number): boolean {
    const load = this.loads.get(key)

    return load == null || (load.items < this.limits.items && load.bytes + bytes <= this.limits.bytes)
  }

  take (key: K, bytes: number): void {
    const { items, bytes: taken } = this.loads.get(key) ?? { items: 0, bytes: 0 }

    this.loads.set(key, { items: items + 1, bytes: taken + bytes })
  }

  /** Frees what {@link take} took, of as many bytes */
  free (key: K, bytes: number): void {
    const { items, bytes: taken } = this.loads.get(key) ?? { items: 1, bytes }

    if (items > 1) {
      this.loads.set(key, { items: items - 1, bytes: taken - bytes })
    } else {
      this.loads.delete(key)
    }
  }
}
