/**
 * Random numbers that a seed decides, so that what was found once is found again.
 */
export class Random {
  private state: number

  constructor (seed: number) {
    this.state = seed >>> 0
  }

  /** 0 to 2^32 − 1 (splitmix32) */
  uint32 (): number {
    this.state = (this.state + 0x9e37_79b9) >>> 0

    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)

    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  /** 0 to `limit` − 1 */
  below (limit: number): number {
    return this.uint32() % limit
  }

  chance (share: number): boolean {
    return this.uint32() < share * 2 ** 32
  }

  pick <T> (list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  bytes (length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** Small ones, large ones, and those where something changes */
  uint64 (): bigint {
    const bits = BigInt(this.below(65))

    return this.chance(0.5)
      ? BigInt.asUintN(64, (1n << bits) + BigInt(this.below(3)) - 1n)
      : BigInt.asUintN(Number(bits), (BigInt(this.uint32()) << 32n) | BigInt(this.uint32()))
  }
}
