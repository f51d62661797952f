import { expect } from 'aegir/chai'
import * as fc from 'fast-check'
import { parseJson } from '../../src/consensus/json.ts'

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

  it('is refused where it is no JSON', () => {
    for (const text of ['', '{', '{"a":1,}', '{"a" 1}', '"', 'undefined']) {
      expect(() => parseJson(text), text).to.throw(SyntaxError)
    }
  })
})
