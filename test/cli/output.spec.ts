import { stripVTControlCharacters } from 'node:util'
import { expect } from 'aegir/chai'
import { formatDistance, formatFields, formatPeers } from '../../src/cli/output.ts'

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

describe('who is in a scope', () => {
  const scope = { open: false, policy: { voters: [{ address: '0x01', name: null }, { address: '0x02', name: null }] } as any, peers: ['a', 'b'], members: [], noneToAsk: false, otherPolicies: [], otherSigning: [] }
  const plain = (changes: object): string => stripVTControlCharacters(formatPeers({ ...scope, ...changes }))

  it('is told apart: members, strangers, and peers of which none can be asked', () => {
    expect(plain({})).to.equal('no member connected, 2 strangers')
    expect(plain({ members: [{ peer: 'a', voter: '0x02', name: null }] })).to.equal('1 member, 1 other peer')
    expect(plain({ noneToAsk: true })).to.equal('2 peers, no peer here can be asked')
    expect(plain({ noneToAsk: true, open: true })).to.equal('2 peers, no peer here can be asked')
    expect(plain({ open: true })).to.equal('2 peers')
  })
})

describe('how far away a time is', () => {
  it('has a direction, also within its second', () => {
    const distances: Array<[number, string]> = [[105, 'in 5 s'], [100.4, 'in less than 1 s'], [100, 'just now'], [99.6, 'just now'], [95, '5 s ago']]

    for (const [seconds, text] of distances) {
      expect(formatDistance(seconds, 100)).to.equal(text)
    }
  })
})
