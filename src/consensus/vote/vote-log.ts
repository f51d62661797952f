/**
 * The votes of one proposal in order of arrival, with what tells who has voted what.
 */

/** Two encoded votes of one owner, one for yes and one for no */
type DoubleVote = [Uint8Array, Uint8Array]

/** Shared by all sessions that are views of it: each sees the first `count` votes. Only ever grows. */
export class VoteLog {
  readonly encoded: Uint8Array[] = []
  /** {@link ownerKey} → twice the position of the owner's first vote, plus 1 for yes */
  private readonly firsts = new Map<string, number>()
  /** {@link ownerKey} → position of the opposite vote, for those who have voted both yes and no */
  private readonly seconds = new Map<string, number>()

  /** Whether the vote is the opposite one of a known voter */
  append (encoded: Uint8Array, owner: Uint8Array, choice: boolean): boolean {
    const key = ownerKey(owner)
    const position = this.encoded.push(encoded) - 1
    const first = this.firsts.get(key)

    if (first == null) {
      this.firsts.set(key, position * 2 + (choice ? 1 : 0))
    } else if (choiceIn(first) !== choice && !this.seconds.has(key)) {
      this.seconds.set(key, position)

      return true
    }

    return false
  }

  /** What an owner has voted first, among the first `count` votes */
  choiceOf (owner: Uint8Array, count: number): boolean | undefined {
    const entry = this.firsts.get(ownerKey(owner))

    return entry == null || positionIn(entry) >= count ? undefined : choiceIn(entry)
  }

  /** The first vote of an owner, among the first `count` votes */
  firstOf (owner: Uint8Array, count: number): Uint8Array | undefined {
    const entry = this.firsts.get(ownerKey(owner))

    return entry == null || positionIn(entry) >= count ? undefined : this.encoded[positionIn(entry)]
  }

  /** The two votes of an owner who has voted both yes and no among the first `count` votes, in order of arrival */
  doubleOf (owner: Uint8Array, count: number): DoubleVote | undefined {
    const key = ownerKey(owner)

    return (this.seconds.get(key) ?? count) < count ? this.double(key) : undefined
  }

  /** The two votes of each owner who has voted both yes and no among the first `count` votes */
  doubles (count: number): DoubleVote[] {
    return [...this.seconds].filter(([, position]) => position < count).map(([key]) => this.double(key))
  }

  /** Who has voted what among the first `count` votes, in no order: {@link ownerKey} and a character more, 0 for no and 1 for yes */
  choices (count: number): string[] {
    const choices: string[] = []

    for (const [key, entry] of this.firsts) {
      if (positionIn(entry) < count) {
        choices.push(key + choiceKey(choiceIn(entry)))
      }
    }

    for (const [key, position] of this.seconds) {
      if (position < count) {
        choices.push(key + choiceKey(!choiceIn(this.firsts.get(key) as number)))
      }
    }

    return choices
  }

  hasDoubles (count: number): boolean {
    for (const position of this.seconds.values()) {
      if (position < count) {
        return true
      }
    }

    return false
  }

  private double (key: string): DoubleVote {
    const positions = [positionIn(this.firsts.get(key) as number), this.seconds.get(key) as number]

    return positions.map(position => this.encoded[position]) as DoubleVote
  }

  /** A log of the first `count` votes, for a view that goes another way than the one that has appended more */
  fork (count: number): VoteLog {
    const log = new VoteLog()

    for (const [key, entry] of this.firsts) {
      if (positionIn(entry) < count) {
        log.firsts.set(key, entry)
      }
    }

    for (const [key, position] of this.seconds) {
      if (position < count) {
        log.seconds.set(key, position)
      }
    }

    // no spreading: a hundred thousand arguments are too many for a call
    for (const encoded of this.encoded.slice(0, count)) {
      log.encoded.push(encoded)
    }

    return log
  }
}

function positionIn (entry: number): number {
  return entry >> 1
}

function choiceIn (entry: number): boolean {
  return (entry & 1) === 1
}

function choiceKey (choice: boolean): string {
  return choice ? '\x01' : '\x00'
}

/** Characters that one call makes: arguments of a call are limited in number */
const KEY_PART = 1024

/**
 * An identity as a key: its bytes, a character each. As hex, the way it is made piece by piece, it takes six times the
 * memory, more than the vote itself.
 */
export function ownerKey (owner: Uint8Array): string {
  if (owner.byteLength <= KEY_PART) {
    // `apply` takes any list of numbers, whatever its type says, and is faster than spreading
    return String.fromCharCode.apply(null, owner as unknown as number[])
  }

  return ownerKey(owner.subarray(0, KEY_PART)) + ownerKey(owner.subarray(KEY_PART))
}
