/**
 * Maps and sets of bounded size, for what other peers make grow. Setting a key moves it to the end, and where that makes one
 * too many, the first is deleted: the key that was set longest ago.
 */

export class BoundedMap<K, V> extends Map<K, V> {
  /** Entries at most */
  readonly max: number

  private readonly onEvicted?: (key: K) => void

  /**
   * @param max - entries at most
   * @param onEvicted - called with each key that is deleted to make room
   */
  constructor (max: number, onEvicted?: (key: K) => void) {
    super()
    this.max = max
    this.onEvicted = onEvicted
  }

  override set (key: K, value: V): this {
    this.delete(key)
    super.set(key, value)

    if (this.size > this.max) {
      const [oldest] = this.keys()

      this.delete(oldest)
      this.onEvicted?.(oldest)
    }

    return this
  }
}

export class BoundedSet<K> extends Set<K> {
  /** Keys at most */
  readonly max: number

  constructor (max: number) {
    super()
    this.max = max
  }

  override add (key: K): this {
    this.delete(key)
    super.add(key)

    if (this.size > this.max) {
      const [oldest] = this.keys()

      this.delete(oldest)
    }

    return this
  }
}
