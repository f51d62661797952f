import { expect } from 'aegir/chai'
import { codePoints, isJoinerInPlace, nameKey, nameProblem } from '../../../src/consensus/policy/name-rules.ts'
import { SHOWN } from '../../../src/consensus/text/code-points.ts'

const ARASH = 'نامه\u200cها'
const SHRI = 'श\u094d\u200dर\u0940'
const CODER = '👩🏽\u200d💻'

describe('name of a voter', () => {
  for (const name of ['Zoë', 'O’Neill & Sons (Ops #2)', '李 小龍', 'a', '🗳', ARASH, SHRI, `${CODER} Ops`, 'क\u094d\u200c', 'x'.repeat(64), '🗳'.repeat(64), '1234567', 'Node 0', '10x Labs', '\u{2ebf0}']) {
    it(`may be ${JSON.stringify(name).slice(0, 40)}`, () => {
      expect(nameProblem(name)).to.equal(undefined)
    })
  }

  const refused: Array<[name: string, what: string, problem: RegExp]> = [
    ['', 'nothing', /1 to 64 code points, got 0/],
    ['x'.repeat(65), 'too long', /got 65/],
    ['🗳'.repeat(65), 'too long', /got 65/],
    ['a\u0000', 'a control character', /U\+0000/],
    ['a\nb', 'a line break', /U\+000A/],
    ['a\u2028b', 'a line separator', /U\+2028/],
    ['a\u202eb', 'a direction', /U\+202E/],
    ['a\u200bb', 'a space without width', /U\+200B/],
    ['a\u00adb', 'a soft hyphen', /U\+00AD/],
    ['\u3164', 'an invisible letter', /U\+3164/],
    ['❤\ufe0f', 'a variation selector', /U\+FE0F/],
    ['a\u{e0041}', 'a tag', /U\+E0041/],
    ['\ue000', 'private use', /U\+E000/],
    ['\ud800', 'half of a pair', /U\+D800/],
    ['\uffff', 'no character', /U\+FFFF/],
    ['\u{1c89}', 'a letter of Unicode 16', /U\+1C89/],
    ['a\u200cb', 'a non-joiner between Latin letters', /U\+200C/],
    ['a\u200db', 'a joiner between Latin letters', /U\+200D/],
    ['\u200dا', 'a joiner at the beginning', /U\+200D/],
    ['ا\u200c', 'a non-joiner at the end', /U\+200C/],
    ['ا\u200c\u200cا', 'two non-joiners', /U\+200C/],
    ['👩\u200d', 'a joiner of one pictograph', /U\+200D/],
    ['Zoe\u0308', 'not composed', /form C: write "Zoë"/],
    ['\u212b', 'a compatibility character that is composed otherwise', /form C/],
    [' a', 'a space at the beginning', /no space at an end/],
    ['a ', 'a space at the end', /no space at an end/],
    ['a\u3000', 'a wide space at the end', /no space at an end/],
    ['\u2800', 'a pattern without dots', /no space at an end/],
    ['a  b', 'two spaces', /two in a row/],
    ['a \u00a0b', 'two different spaces', /two in a row/],
    ['0xabc', 'like an address', /look like an address/],
    ['０ｘＡＢ', 'like an address, of wide digits', /look like an address/],
    ['Bob 0XAB', 'like an address after a word', /look like an address/],
    ['deadbeef', 'like a digest', /at most 7 hex digits/],
    ['Bob 12345678', 'like a digest after a word', /at most 7 hex digits/],
    ['𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖', 'like a digest, of other digits', /at most 7 hex digits/]
  ]

  for (const [name, what, problem] of refused) {
    it(`may not be ${what}, ${JSON.stringify(name).slice(0, 40)}`, () => {
      expect(nameProblem(name)).to.match(problem)
    })
  }

  it('is taken for another one that people take for it', () => {
    for (const [one, other] of [['Zoë', 'ZOË'], ['Straße', 'STRASSE'], ['STRASSE', 'STRAẞE'], ['Σίσυφος', 'ΣΊΣΥΦΟΣ'], ['ﬁnn', 'Finn'], ['Ａda', 'ada'], ['K', '\u212a'], [ARASH, 'نامهها'], ['a b', 'a\u00a0b'], ['ᏸ', 'Ᏸ']]) {
      expect(nameKey(one), `${one} ${other}`).to.equal(nameKey(other))
    }

    for (const [one, other] of [['ada', 'adá'], ['ı', 'i'], ['a', 'а'], ['a b', 'ab']]) {
      expect(nameKey(one), `${one} ${other}`).to.not.equal(nameKey(other))
    }
  })

  it('has its joiners where an Indic, Persian or emoji sequence has them', () => {
    for (const [text, index, expected] of [[ARASH, 4, true], [SHRI, 2, true], [CODER, 2, true], ['بِ\u200cا', 2, true], ['ab', 1, false], ['', 0, false], [ARASH, 0, false]] as const) {
      expect(isJoinerInPlace(codePoints(text), index), text).to.equal(expected)
    }
  })

  it('is validated by Unicode 15.1, whatever the engine knows', () => {
    const shown = Array.from({ length: 0x11_0000 }, (_, point) => point).filter(point => SHOWN.has(point))
    const refusable = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

    // as many as the data files of Unicode 15.1 have; all of them are in every later version
    expect(shown).to.have.lengthOf(149_406)
    expect(shown.filter(point => refusable.test(String.fromCodePoint(point)))).to.deep.equal([])
  })
})
