/**
 * How texts that others wrote are shown, in terminals and on the page: nothing in them is invisible, and nothing moves the
 * cursor or turns the text around it.
 *
 * Invisible is what Unicode gives the property Default_Ignorable_Code_Point, assigned or not, and control characters. An
 * invisible character stays as it is only where it shapes what is seen:
 *
 * - the joiners U+200C and U+200D by the rules of RFC 5892, Appendix A.1 and A.2: after a virama, and U+200C between two
 *   letters that would join without it
 * - U+200D beside a letter that joins nothing without it, as in abbreviations of Persian, and between a ra and a virama, as in
 *   Bengali and Kannada (The Unicode Standard, chapter 12)
 * - U+200D between two emoji, and the variation selectors U+FE0E and U+FE0F after one, or in a keycap
 *
 * All other variation selectors, tags and fillers are shown: where a font lacks the variant, text with and without them
 * looks the same.
 */

/** A character that is invisible or moves what is around it, wherever it stands */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
export const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/gu

/** What is shown in place of a name of which nothing would be seen */
export const NO_VISIBLE_NAME = '(no visible name)'

/** U+2800 and three others are assigned, not default-ignorable, and empty all the same; Unicode has no property for these */
const VISIBLE = /(?![\u2800\u{13441}\u{13442}\u{1d159}\p{Default_Ignorable_Code_Point}])[\p{L}\p{N}\p{P}\p{S}]/u

const ZWNJ = '\\u200c'
const ZWJ = '\\u200d'

/** Scripts in use whose letters join */
const JOINING_SCRIPT = '\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mandaic}\\p{Script=Nko}\\p{Script=Mongolian}\\p{Script=Phags_Pa}\\p{Script=Hanifi_Rohingya}\\p{Script=Adlam}'

/** Their letters that join the letter before only: Joining_Type R, a property that JavaScript does not have (Unicode 15.1) */
const RIGHT_JOINING = '\\u0622-\\u0625\\u0627\\u0629\\u062f-\\u0632\\u0648\\u0671-\\u0673\\u0675-\\u0677\\u0688-\\u0699\\u06c0\\u06c3-\\u06cb\\u06cd\\u06cf\\u06d2\\u06d3\\u06d5\\u06ee\\u06ef' +
  '\\u0710\\u0715-\\u0719\\u071e\\u0728\\u072a\\u072c\\u072f\\u074d\\u0759-\\u075b\\u076b\\u076c\\u0771\\u0773\\u0774\\u0778\\u0779' +
  '\\u0840\\u0846\\u0847\\u0849\\u0854\\u0856-\\u0858\\u0867\\u0869\\u086a\\u0870-\\u0882\\u088e\\u08aa-\\u08ac\\u08ae\\u08b1\\u08b2\\u08b9\\u{10d22}'

/** Their letters that join none: Joining_Type U, presentation forms and mathematical letters among them */
const NOT_JOINING = '\\u0621\\u0674\\u06e5\\u06e6\\u07f4\\u07f5\\u0861\\u0866\\u0887\\u088f\\u08ad\\u08c9\\u1880-\\u1884\\ua873\\ufb50-\\ufeff\\u{1ee00}-\\u{1eeff}'

const JOINS_BEFORE = `(?![${NOT_JOINING}])(?=\\p{L})[${JOINING_SCRIPT}]`
const JOINS_AFTER = `(?![${RIGHT_JOINING}])${JOINS_BEFORE}`

/** Marks above and below letters do not keep these from joining */
const MARKS = '(?:(?!\\p{Default_Ignorable_Code_Point})\\p{Mn})*'

const JOINED_BEFORE = `(?<=${JOINS_AFTER}${MARKS})`
const JOINED_AFTER = `(?=${MARKS}${JOINS_BEFORE})`
const EMOJI = '(?=\\p{Emoji})\\p{Extended_Pictographic}'

/** An invisible character where it belongs; but for those after a virama, which JavaScript has no property for either */
const IN_PLACE = new RegExp([
  `${JOINED_BEFORE}${ZWNJ}${JOINED_AFTER}`,
  `${JOINED_BEFORE}${ZWJ}(?!${MARKS}${JOINS_BEFORE})`,
  `(?<!${JOINS_AFTER}${MARKS})${ZWJ}${JOINED_AFTER}`,
  `(?<=[\\u09b0\\u09f0])${ZWJ}(?=\\u09cd)`,
  `(?<=\\u0cb0)${ZWJ}(?=\\u0ccd)`,
  `(?<=\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?)${ZWJ}(?=\\p{Extended_Pictographic})`,
  `(?<=${EMOJI})[\\ufe0e\\ufe0f]`,
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)'
].join('|'), 'uy')

/** The character before a joiner */
const BEFORE_JOINER = /(?<=(.))[\u200c\u200d]/suy

/** A stretch of a text: as it was written, or one character as it is written in code */
export interface TextPiece {
  text: string
  /** Whether it stands for an invisible character */
  escaped: boolean
}

/**
 * Splits a text into what can be shown as it is and what has to be made visible. With `lines` line breaks and tabs stay.
 */
export function visiblePieces (text: string, { lines = false } = {}): TextPiece[] {
  const pieces: TextPiece[] = []
  let end = 0

  for (const { 0: character, index } of text.matchAll(INVISIBLE)) {
    if (belongs(text, index) || (lines && (character === '\n' || character === '\t'))) {
      continue
    }

    if (index > end) {
      pieces.push({ text: text.slice(end, index), escaped: false })
    }

    pieces.push({ text: escapeCharacter(character), escaped: true })
    end = index + character.length
  }

  return end < text.length ? [...pieces, { text: text.slice(end), escaped: false }] : pieces
}

/** A text of somebody else's, safe to show and on one line */
export function printable (text: string): string {
  return visiblePieces(text).map(({ text }) => text).join('')
}

/**
 * Whether anything of a text can be seen: a letter, digit, punctuation mark or symbol. Marks that go on a letter do not do
 * alone, and neither do private characters, which each font shows in another way or not at all.
 */
export function hasVisibleCharacter (text: string): boolean {
  return VISIBLE.test(text)
}

/** The name of a proposal as it is shown on one line. Where nothing of it would be seen, its id has to tell it from others. */
export function printableName (name: string): string {
  return hasVisibleCharacter(name) ? printable(name) : NO_VISIBLE_NAME
}

/** As {@link printableName}, in quotation marks if it is one */
export function quotedName (name: string): string {
  return hasVisibleCharacter(name) ? `"${printable(name)}"` : NO_VISIBLE_NAME
}

function escapeCharacter (character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/** Whether the invisible character at an index of a text shapes what is seen */
function belongs (text: string, index: number): boolean {
  IN_PLACE.lastIndex = index
  BEFORE_JOINER.lastIndex = index

  return IN_PLACE.test(text) || isVirama(BEFORE_JOINER.exec(text)?.[1])
}

/**
 * Whether a character has the canonical combining class Virama, 9. Normalization orders marks by their classes: a mark of
 * class 8 goes before it, and it goes before a mark of class 10.
 */
function isVirama (character = ''): boolean {
  const mark = character.normalize('NFD')

  return isReordered(`${mark}\u3099`) && isReordered(`\u05b0${mark}`)
}

function isReordered (marks: string): boolean {
  return marks.normalize('NFD') !== marks
}
