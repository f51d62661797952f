import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { ApiProblemError } from '../../src/client/index.ts'
import { parsePolicy } from '../../src/consensus/policy.ts'
import { toFormErrors, toRequest, toUnit } from '../../src/node/page/form.ts'
import { formatCountdown, formatDuration } from '../../src/node/page/format.ts'
import { Loader } from '../../src/node/page/loader.ts'
import { hexDump, indentJson, textToHex } from '../../src/node/page/payload.ts'
import { parseRoute, toHistory } from '../../src/node/page/route.ts'
import { explain } from '../../src/node/page/words.ts'
import type { ProposalSummary } from '../../src/client/index.ts'
import type { FormValues } from '../../src/node/page/form.ts'

const voters = Array.from({ length: 5 }, (_, index) => `0x${`${index}`.padStart(40, '0')}`)
const policy = parsePolicy({ name: 'council', voters })

function proposal (tally: ProposalSummary['tally'], changes: Partial<ProposalSummary> = {}): ProposalSummary {
  return {
    scope: 'council',
    open: false,
    proposalId: 1,
    name: 'Question?',
    proposer: voters[0],
    timestamp: 1_000,
    deadline: 1_060,
    expectedVotersCount: 5,
    threshold: 2 / 3,
    livenessCriteriaYes: true,
    silenceCounts: true,
    state: 'active',
    tally,
    waitingForPeer: false,
    votesPruned: false,
    ...changes
  }
}

describe('page: why a proposal is not decided', () => {
  it('says what each side needs, and what silence would do', () => {
    expect(explain(proposal({ yes: 2, no: 0 }), policy, 1_030)).to.deep.equal([
      'A quorum is 4 votes for one side of 5 voters. Yes needs 2 more. No can only get there if somebody votes both ways.',
      'At the deadline silence counts as yes: as it stands, it is decided yes. 2 votes for no would stop that.'
    ])
  })

  it('says that silence decides nothing where too many have voted against it', () => {
    expect(explain(proposal({ yes: 1, no: 2 }), policy, 1_030)[1]).to.equal('At the deadline it ends without a result if neither has it: 2 voted against what silence counts as, yes.')
    // who has voted both ways is not against it alone
    expect(explain(proposal({ yes: 2, no: 2, doubles: 1 }), policy, 1_030)[1]).to.match(/as it stands, it is decided yes/)
  })

  it('says that silence decides nothing where the policy says so, or there are two voters', () => {
    expect(explain(proposal({ yes: 1, no: 0 }), parsePolicy({ ...policy, timeoutPolicy: 'fail' }), 1_030)[1]).to.equal('At the deadline it ends without a result if neither has it.')
    expect(explain(proposal({ yes: 1, no: 0 }, { expectedVotersCount: 2 }), policy, 1_030)[1]).to.equal('At the deadline it ends without a result if neither has it.')
  })

  it('says that it waits, for late votes or for a peer', () => {
    expect(explain(proposal({ yes: 1, no: 0 }), policy, 1_060)[1]).to.match(/^Time is up\. Votes that are still on their way are waited for, 25 seconds in all\. Then silence counts as yes/)
    expect(explain(proposal({ yes: 1, no: 0 }, { waitingForPeer: true }), policy, 1_090)[1]).to.match(/no member can be reached/)
  })

  it('counts by the rule of the scope', () => {
    const reference = parsePolicy({ name: 'council', voters, decisionRule: 'reference' })

    expect(explain(proposal({ yes: 1, no: 0 }), reference, 1_030)).to.deep.equal([
      'By the rule “reference” a side is decided with two thirds of 5 voters, as soon as no vote that is missing could change it.',
      'At the deadline those who have not voted count as yes.'
    ])
  })
})

describe('page: payloads', () => {
  it('indents JSON without changing a number, a string or a key', () => {
    expect(indentJson('{"a":1.0,"a":[12345678901234567890,{}, []],"b{":"\\u0041,\\"}"}')).to.equal('{\n  "a": 1.0,\n  "a": [\n    12345678901234567890,\n    {},\n    []\n  ],\n  "b{": "\\u0041,\\"}"\n}')
    expect(indentJson('text')).to.equal(undefined)
    expect(indentJson('{"a":}')).to.equal(undefined)
    // no better for lines of its own
    expect(indentJson('12')).to.equal(undefined)
  })

  it('shows bytes with their offsets, and what of them is ASCII', () => {
    expect(hexDump(textToHex('libp2p-voting\n\u0001ä'))).to.equal([
      '0000  6c 69 62 70 32 70 2d 76 6f 74 69 6e 67 0a 01 c3  libp2p-voting...',
      `0010  a4${' '.repeat(45)}  .`
    ].join('\n'))
  })
})

describe('page: form', () => {
  const values: FormValues = { name: 'Question?', payloadForm: 'none', payload: '', time: '1.5', unit: 60, livenessCriteriaYes: false, voters: '3' }

  it('asks for what the scope leaves open, and for nothing else', () => {
    expect(toRequest(values, { open: false, sideIsOpen: false })).to.deep.equal({ request: { name: 'Question?', payload: undefined, timeoutSeconds: 90 } })
    expect(toRequest({ ...values, payloadForm: 'hex', payload: '0xAB 01' }, { open: true, sideIsOpen: true })).to.deep.equal({ request: { name: 'Question?', payload: '0xAB01', timeoutSeconds: 90, livenessCriteriaYes: false, expectedVotersCount: 3 } })
  })

  it('puts what the node found wrong at the fields, and the rest above them', () => {
    const problem = { type: 'urn:libp2p-voting:problem:InvalidInputError', title: 'Invalid request', status: 400 }

    expect(toFormErrors(new ApiProblemError({ ...problem, detail: '', errors: [{ field: 'name', message: 'must be short' }, { field: 'other', message: 'is odd' }] }))).to.deep.equal({ name: 'must be short', form: 'other: is odd' })
    expect(toFormErrors(new ApiProblemError({ ...problem, detail: 'The proposal is not valid in scope "a": payload must be at most 3 bytes, got 4' }))).to.deep.equal({ payload: 'must be at most 3 bytes, got 4' })
    expect(toFormErrors(new ApiProblemError({ ...problem, detail: 'The disk is full' }))).to.deep.equal({ form: 'The disk is full' })
  })

  it('gives times in the largest unit that they are whole in', () => {
    expect([45, 60, 90, 7_200, 172_800].map(seconds => toUnit(seconds))).to.deep.equal([{ time: '45', unit: 1 }, { time: '1', unit: 60 }, { time: '90', unit: 1 }, { time: '2', unit: 3_600 }, { time: '2', unit: 86_400 }])
  })
})

describe('page: times', () => {
  it('gives seconds only where they matter', () => {
    expect([0, 61.2, 599, 600, 7_200].map(formatCountdown)).to.deep.equal(['0:00', '1:02', '9:59', '10 minutes', '2 hours'])
    expect([1, 119, 120, 86_400].map(formatDuration)).to.deep.equal(['1 second', '119 seconds', '2 minutes', '24 hours'])
  })
})

describe('page: addresses of views', () => {
  it('reads what it writes, and nothing else', () => {
    const query = { scope: 'a.b-c_d', state: 'failed' as const, search: '#12 &=?ä' }

    expect(parseRoute(toHistory(query))).to.deep.equal({ view: 'history', ...query })
    expect(parseRoute('#/history?state=all')).to.deep.equal({ view: 'history', scope: undefined, state: undefined, search: undefined })
    expect(parseRoute('#/scopes/council/proposals/7')).to.deep.equal({ view: 'proposal', scope: 'council', proposalId: 7 })
    expect(parseRoute('#/scopes/../proposals/7/x').view).to.equal('unknown')
  })
})

describe('page: loading', () => {
  it('loads once at a time, and once more if it was asked meanwhile', async () => {
    let loads = 0
    let release = (): void => {}
    const ended: Array<Promise<void>> = []
    const loader = new Loader(async () => {
      loads++
      const load = new Promise<void>(resolve => { release = resolve })

      ended.push(load)
      await load
    })

    loader.request()
    loader.request()
    loader.request()
    expect(loads).to.equal(1)
    release()
    await ended[0]
    await pWaitFor(() => loads === 2)
    release()
    loader.stop()
    loader.request()
    expect(loads).to.equal(2)
  })
})
