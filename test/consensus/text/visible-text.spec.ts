import { expect } from 'aegir/chai'
import * as fc from 'fast-check'
import { hasVisibleCharacter, printable, printableName, quotedName, visiblePieces } from '../../../src/consensus/text/visible-text.ts'

/** Default_Ignorable_Code_Point in DerivedCoreProperties.txt of Unicode 15.1: 4,174 code points */
const DEFAULT_IGNORABLE: Array<[first: number, last?: number]> = [
  [0xad], [0x34f], [0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200f], [0x202a, 0x202e], [0x2060, 0x206f], [0x3164], [0xfe00, 0xfe0f],
  [0xfeff], [0xffa0], [0xfff0, 0xfff8], [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff]
]

const ZWNJ = '\u200c'
const ZWJ = '\u200d'

function escaped (codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`
}

describe('visible text', () => {
  it('shows every default-ignorable code point, assigned or not', () => {
    const codePoints = DEFAULT_IGNORABLE.flatMap(([first, last = first]) => Array.from({ length: last - first + 1 }, (_, index) => first + index))

    expect(codePoints).to.have.lengthOf(4_174)

    for (const codePoint of codePoints) {
      expect(printable(`a${String.fromCodePoint(codePoint)}b`)).to.equal(`a${escaped(codePoint)}b`)
    }
  })

  it('shows what would move the cursor or turn the text around it', () => {
    expect(printable('Pay \u202e001\u202c to\u0007 \u001b[31mEve\n\u2028\u009b\ufff9?')).to.equal('Pay \\u{202e}001\\u{202c} to\\u{7} \\u{1b}[31mEve\\u{a}\\u{2028}\\u{9b}\\u{fff9}?')
  })

  it('leaves text alone in which everything can be seen', () => {
    for (const text of ['', 'Upgrade to version 2?', 'Zürich, naïve, e\u0301', '漢字 かな 한국어', 'שלום', '\u00a0\u3000', '\\u{200d}', '\ud83d\ude00']) {
      expect(printable(text)).to.equal(text)
    }
  })

  it('leaves the joiners of Persian, Indic and other scripts where they belong', () => {
    for (const text of [
      `می${ZWNJ}خواهم`, `خانه${ZWNJ}ها`, `بِ${ZWNJ}\u0650م`, // between letters that would join, marks among them
      `ه${ZWJ}.ش.`, `${ZWJ}ه`, // a form of a letter that stands alone
      `क्${ZWNJ}ष`, `क्${ZWJ}ष`, `ශ්${ZWJ}රී`, `ന്${ZWJ}`, // after a virama
      `র${ZWJ}্যাব`, `ರ${ZWJ}್ಕ` // between ra and a virama
    ]) {
      expect(printable(text)).to.equal(text)
    }
  })

  it('leaves joiners and variation selectors of emoji where they belong', () => {
    for (const text of ['👨‍👩‍👧‍👦', '👩🏽‍🚀', '🏳️‍🌈', '❤️‍🔥', '🐻‍❄️', '☺\ufe0e', '©\ufe0f', '1\ufe0f\u20e3', '#\ufe0f\u20e3', '🇮🇷']) {
      expect(printable(`Go ${text}?`)).to.equal(`Go ${text}?`)
    }
  })

  it('shows joiners where they change nothing', () => {
    for (const [text, shown] of [
      [`pay${ZWNJ}pal`, 'pay\\u{200c}pal'],
      [`pay${ZWJ}pal`, 'pay\\u{200d}pal'],
      [`دا${ZWNJ}د`, 'دا\\u{200c}د'], // alef joins nothing after it
      [`می${ZWNJ} `, 'می\\u{200c} '],
      [`می${ZWNJ}${ZWNJ}خ`, 'می\\u{200c}\\u{200c}خ'],
      [`می${ZWJ}خ`, 'می\\u{200d}خ'], // they join without it
      [`क${ZWJ}ष`, 'क\\u{200d}ष'],
      [`क्${ZWJ}${ZWJ}ष`, `क्${ZWJ}\\u{200d}ष`],
      [`😀${ZWJ}a`, '😀\\u{200d}a'],
      [`${ZWJ}😀`, '\\u{200d}😀'],
      [`ب\u034f${ZWNJ}ب`, 'ب\\u{34f}\\u{200c}ب'],
      [ZWNJ, '\\u{200c}']
    ]) {
      expect(printable(text)).to.equal(shown)
    }
  })

  it('shows variation selectors where they change nothing, and tags everywhere', () => {
    expect(printable('a\ufe0f 1\ufe0f 1\ufe0e\u20e3 葛\u{e0100} ᠠ\u180b ≨\ufe00 ❤\ufe0f\ufe0f')).to.equal('a\\u{fe0f} 1\\u{fe0f} 1\\u{fe0e}\u20e3 葛\\u{e0100} ᠠ\\u{180b} ≨\\u{fe00} ❤\ufe0f\\u{fe0f}')
    expect(printable('🏴\u{e0067}\u{e007f}')).to.equal('🏴\\u{e0067}\\u{e007f}')
  })

  it('keeps line breaks and tabs where a text has lines', () => {
    expect(visiblePieces('a\n\tb\r\u00ad', { lines: true })).to.deep.equal([{ text: 'a\n\tb', escaped: false }, { text: '\\u{d}', escaped: true }, { text: '\\u{ad}', escaped: true }])
  })

  it('is the same when it is made visible again, and loses nothing', () => {
    const unit = fc.oneof(fc.constantFrom('\u200c', '\u200d', '\ufe0f', '\u094d', 'ب', 'ا', '😀', '1', '\u20e3', '\u00ad', '\u034f', '\u0650'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }))

    fc.assert(fc.property(fc.array(unit, { maxLength: 12 }), units => {
      const text = units.join('')
      const shown = printable(text)

      expect(printable(shown)).to.equal(shown)
      expect(shown.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)))).to.equal(text)
    }))
  })
})

describe('the name of a proposal', () => {
  it('can be seen if it has a letter, a digit, a punctuation mark or a symbol', () => {
    for (const name of ['a', '7', '?', '€', '😀', '漢', '\u3164a', ' . ']) {
      expect(hasVisibleCharacter(name)).to.equal(true, name)
    }
  })

  it('cannot be seen if it is blank, by whatever characters', () => {
    for (const name of ['', ' ', '\u00a0\u3000\t', '\u115f', '\u1160', '\u3164', '\uffa0', '\u{e0041}', '\u{e0fff}', '\u2065', '\u00ad', '\u034f', '\u180e', '\u200b', '\u200d', '\u2800', '\u{1d159}', '\u0301', '\ufe0f', '\ue000', '\u0378', '\u202e\u0007']) {
      expect(hasVisibleCharacter(name)).to.equal(false, printable(name))
      expect(printableName(name)).to.equal('(no visible name)')
      expect(quotedName(name)).to.equal('(no visible name)')
    }
  })

  it('is in quotation marks where it is one', () => {
    expect(quotedName('Go\u200b?')).to.equal('"Go\\u{200b}?"')
  })
})
