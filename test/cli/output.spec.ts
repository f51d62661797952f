import { stripVTControlCharacters } from 'node:util'
import { expect } from 'aegir/chai'
import { formatFields } from '../../src/cli/output.ts'

describe('fields', () => {
  const fields: Array<[string, string]> = [['id', '17'], ['name', 'Shall we adopt the first of them?'], ['voter', `0x${'1'.repeat(40)}`]]

  it('go on below themselves where the terminal is narrow, between words', () => {
    expect(stripVTControlCharacters(formatFields(fields, 30))).to.equal(`id     17
name   Shall we adopt the
       first of them?
voter  0x${'1'.repeat(40)}`)
  })

  it('have a line each where there is room, or no terminal', () => {
    for (const columns of [80, Infinity]) {
      expect(formatFields(fields, columns).split('\n')).to.have.length(fields.length)
    }
  })
})
