import { expect } from 'aegir/chai'
import * as fc from 'fast-check'
import { parseJson } from '../../../src/consensus/encoding/json.ts'

describe('JSON that says nothing twice', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(fc.property(fc.json(), fc.boolean(), (text, pretty) => {
      const json = pretty ? JSON.stringify(JSON.parse(text), null, 2) : text

      expect(parseJson(json)).to.deep.equal(JSON.parse(json))
    }))
  })

  it('may say one name in several objects, and one text in several places', () => {
    for (const text of ['{"a":{"a":{"a":1}},"b":{"a":"a"}}', '[{"a":1},{"a":2}]', '{"a":["a","a"],"b":"a"}', '{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\"}']) {
      expect(parseJson(text), text).to.deep.equal(JSON.parse(text))
    }
  })

  it('is refused where an object has a name twice, however it is written, with the place', () => {
    const wrong: Array<[text: string, message: string]> = [
      ['{"a":1,"a":1}', '"a" is said twice, again in line 1, column 8. Remove one'],
      ['{\n  "a": {},\n  "b": [{"c": 1}],\n  "a": 2\n}', '"a" is said twice, again in line 4, column 3. Remove one'],
      ['[[{"x":[],"y":{"z":1,\n"z":2}}]]', '"z" is said twice, again in line 2, column 1. Remove one'],
      ['{"a":1,"\\u0061":2}', '"a" is said twice, again in line 1, column 8. Remove one'],
      ['{"":1,"":2}', '"" is said twice, again in line 1, column 7. Remove one']
    ]

    for (const [text, message] of wrong) {
      expect(() => parseJson(text), text).to.throw(SyntaxError, message)
    }
  })

  it('is refused where it is no JSON, with the place', () => {
    const wrong: Array<[text: string, message: string]> = [
      ['', 'line 1, column 1: a value is expected, got the end of the text'],
      ['{', 'line 1, column 2: a name in double quotes or "}" is expected, got the end of the text'],
      ['{ "name": ', 'line 1, column 11: a value is expected, got the end of the text'],
      ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3: "," or "}" is expected, got "\\"b\\": 2"'],
      ['{"a":1,}', 'line 1, column 8: a name in double quotes is expected, got "}"'],
      ['{"a" 1}', 'line 1, column 6: ":" is expected, got "1}"'],
      ['{"a":[1,{"b":2}', 'line 1, column 16: "," or "]" is expected, got the end of the text'],
      ['[,]', 'line 1, column 2: a value or "]" is expected, got ",]"'],
      ['{"a":{}} x', 'line 1, column 10: the end is expected, got "x"'],
      ['{\n  // voters\n}', 'line 2, column 3: a name in double quotes or "}" is expected, got "// voters"'],
      ['"', 'line 1, column 1: a value is expected, got "\\""'],
      ['undefined', 'line 1, column 1: a value is expected, got "undefined"']
    ]

    for (const [text, message] of wrong) {
      expect(() => parseJson(text), text).to.throw(SyntaxError).with.property('message', message)
    }
  })

  it('is refused with a place wherever it is cut off', () => {
    fc.assert(fc.property(fc.json(), fc.nat(), (json, length) => {
      const text = json.slice(0, length % json.length)

      try {
        JSON.parse(text)
      } catch {
        expect(() => parseJson(text)).to.throw(SyntaxError, /line 1, column \d+: /)
      }
    }))
  })
})
