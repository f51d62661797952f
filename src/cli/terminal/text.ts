/**
 * How much room text takes in a terminal, and how it is made to fit.
 */

import { stripVTControlCharacters } from 'node:util'

/** Characters of East Asia, and pictures, take two columns */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u

/** What is put on the character before, or joins it with the next */
const NO_WIDTH = /[\p{M}\p{Default_Ignorable_Code_Point}]/u

/** A colour, or a character */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const PIECE = /\u001b\[[\d;]*m|[^]/gu

const RESET = '\u001b[0m'

/** In columns. Only colours may be in it besides text, on one line. */
export function textWidth (text: string): number {
  let width = 0

  for (const character of stripVTControlCharacters(text)) {
    width += widthOf(character)
  }

  return width
}

/** With an ellipsis where it is too long; its colours end there */
export function cutTo (text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text
  }

  let cut = ''
  let used = 0
  let coloured = false

  for (const [piece] of text.matchAll(PIECE)) {
    if (piece.length > 1 && piece.startsWith('\u001b')) {
      coloured = true
    } else if (used + widthOf(piece) > width - 1) {
      break
    } else {
      used += widthOf(piece)
    }

    cut += piece
  }

  return width < 1 ? '' : `${cut}…${coloured ? RESET : ''}`
}

export function padEndTo (text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** Something at either end of a line. The right one is never cut where it fits at all; the left one gives way. */
export function spread (left: string, right: string, width: number): string {
  const room = width - textWidth(right) - 1

  return room < 1 ? cutTo(right, width) : `${padEndTo(cutTo(left, room), room)} ${right}`
}

/** As many of the items as fit on a line, and how many more there are */
export function joinWithin (items: string[], separator: string, width: number): string {
  const all = items.join(separator)

  if (textWidth(all) <= width) {
    return all
  }

  for (let shown = items.length - 1; shown > 0; shown--) {
    const line = `${items.slice(0, shown).join(separator)}${separator}+${items.length - shown} more`

    if (textWidth(line) <= width) {
      return line
    }
  }

  return cutTo(`${items.length} in all`, width)
}

/** Broken between words; one that is longer than a line stays whole */
export function wrap (text: string, width: number): string[] {
  const lines = ['']

  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]

    if (line === '') {
      lines[lines.length - 1] = word
    } else if (textWidth(line) + 1 + textWidth(word) <= width) {
      lines[lines.length - 1] = `${line} ${word}`
    } else {
      lines.push(word)
    }
  }

  return lines
}

function widthOf (character: string): number {
  if (NO_WIDTH.test(character)) {
    return 0
  }

  return WIDE.test(character) ? 2 : 1
}
