/**
 * What a voter may be called. Members validate a policy alike on every engine: code points are looked up in tables of Unicode 15.1,
 * and Unicode never changes how a code point is normalized or folded that is assigned once.
 */

import { show } from '../encoding/check.ts'
import { ARABIC_LETTERS, ARABIC_SIGNS, PICTOGRAPHS, SHOWN, VIRAMAS } from '../text/code-points.ts'

/** Code points */
export const MAX_VOTER_NAME_LENGTH = 64

const NON_JOINER = 0x200c
const JOINER = 0x200d

const FIRST_SKIN_TONE = 0x1f3fb
const LAST_SKIN_TONE = 0x1f3ff

/** All of the general category Space_Separator, and a Braille pattern without dots */
const SPACE = '[ \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\u2800]'
const SPACE_AT_AN_END = new RegExp(`^${SPACE}|${SPACE}$`)
const TWO_SPACES = new RegExp(`${SPACE}{2}`)

/** In what {@link nameKey} returns */
const LIKE_AN_ADDRESS = /(^|[^0-9a-z])0x|[0-9a-f]{8}/

/**
 * Returns what is wrong with the name of a voter, in words, or undefined if nothing is
 */
export function nameProblem (name: string): string | undefined {
  const points = codePoints(name)

  if (points.length < 1 || points.length > MAX_VOTER_NAME_LENGTH) {
    return `must be 1 to ${MAX_VOTER_NAME_LENGTH} code points, got ${points.length}`
  }

  const unknown = points.find((point, index) => !SHOWN.has(point) && !isJoinerInPlace(points, index))

  if (unknown != null) {
    return `must have no character that cannot be seen and none that Unicode 15.1 does not know, got ${codeOf(unknown)}`
  }

  const composed = name.normalize('NFC')

  // both look the same
  if (composed !== name) {
    return `must be in Unicode normalization form C: write ${show(composed)}, which is ${codePoints(composed).map(codeOf).join(' ')}, got ${points.map(codeOf).join(' ')}`
  }

  if (SPACE_AT_AN_END.test(name) || TWO_SPACES.test(name)) {
    return 'must have no space at an end, and no two in a row'
  }

  if (LIKE_AN_ADDRESS.test(nameKey(name))) {
    return 'must not look like an address or a digest: no 0x, and at most 7 hex digits in a row'
  }
}

/**
 * Returns what is equal for names that people take for one: the name after NFKC, full case folding and NFKC, without joiners
 */
export function nameKey (name: string): string {
  return Array.from(name.normalize('NFKC'), foldCase).join('').replaceAll(/[\u200c\u200d]/g, '').normalize('NFKC')
}

/**
 * Returns whether a code point of a text is a joiner (U+200C or U+200D) that the text needs: after a virama of an Indic script,
 * a non-joiner between two Arabic letters, or a joiner of two pictographs
 */
export function isJoinerInPlace (points: readonly number[], index: number): boolean {
  const point = points[index]
  const before = points[index - 1]
  const after = points[index + 1]

  if (point !== NON_JOINER && point !== JOINER) {
    return false
  }

  if (VIRAMAS.has(before)) {
    return true
  }

  if (point === NON_JOINER) {
    const letter = points.slice(0, index).findLast(earlier => !ARABIC_SIGNS.has(earlier))

    return letter != null && ARABIC_LETTERS.has(letter) && ARABIC_LETTERS.has(after)
  }

  return (PICTOGRAPHS.has(before) || (before >= FIRST_SKIN_TONE && before <= LAST_SKIN_TONE)) && PICTOGRAPHS.has(after)
}

export function codePoints (text: string): number[] {
  return Array.from(text, character => character.codePointAt(0) as number)
}

/**
 * Full case folding of a character by the mappings that engines have. They fold a dotless i with the other, which Unicode does
 * not. It is folded without its neighbors, which decide what a sigma becomes.
 */
function foldCase (character: string): string {
  return character === '\u0131' ? character : character.toLowerCase().toUpperCase().toLowerCase()
}

function codeOf (point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}
