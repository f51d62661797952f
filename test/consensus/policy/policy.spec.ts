import { readFile } from 'node:fs/promises'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { announcementDigest, parsePolicy, policyDigest, policyJsonSchema, proposalDigest } from '../../../src/consensus/index.ts'
import { foreignProposal } from '../fixtures/service.ts'
import type { Proposal, ScopePolicyInput } from '../../../src/consensus/index.ts'

// golden values of policies are in test/vectors/policies.json; the digests here were made with Python's hashlib from theirs

const DEFAULTS_DIGEST = '1e01f72b05e4a5d18c9d8156fa4bb0b3d182f78ee853d21e31d63a9dcc1b3661'

const FULL: ScopePolicyInput = {
  onSilence: 'no',
  version: 2,
  previous: 'AB'.repeat(32),
  name: 'bridge-1.main',
  decisionRule: 'reference',
  threshold: 1,
  voters: ['0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359', { address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', name: 'Zoë' }, '0x00000000000000000000000000000000000000FF'],
  proposers: ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
  livenessCriteriaYes: false,
  networkType: 'p2p',
  defaultTimeoutSeconds: 600,
  minLifetimeSeconds: 40,
  clockSkewSeconds: 3,
  graceSeconds: 6
}
const [ADDRESS] = FULL.voters as [string]
const VOTERS = ['11', '22'].map(byte => `0x${byte.repeat(20)}`)
const FULL_DIGEST = '4c89c1abad11bcf0035ccda9e05d2f38174c8d0dea5fc08172bfd4095dec5b10'

describe('scope policy', () => {
  it('has defaults for everything but its name', () => {
    expect(parsePolicy({ name: 'council' })).to.deep.equal({
      version: 2,
      name: 'council',
      previous: null,
      decisionRule: 'quorum',
      threshold: '2/3',
      voters: null,
      proposers: null,
      onSilence: 'none',
      livenessCriteriaYes: null,
      networkType: 'gossipsub',
      defaultTimeoutSeconds: 60,
      minLifetimeSeconds: 30,
      clockSkewSeconds: 10,
      graceSeconds: 25
    })
  })

  it('has its voters by address, with their names, and all else in lower case', () => {
    expect(parsePolicy(FULL)).to.deep.include({
      previous: 'ab'.repeat(32),
      threshold: '1/1',
      voters: [
        { address: '0x00000000000000000000000000000000000000ff', name: null },
        { address: '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', name: 'Zoë' },
        { address: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359', name: null }
      ],
      proposers: ['0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed']
    })
  })

  it('has another digest under each other name, proposer or policy before it', () => {
    const voters = [{ address: ADDRESS, name: 'Zoë' }]
    const policies: ScopePolicyInput[] = [
      { name: 'council', voters },
      { name: 'council', voters: [{ address: ADDRESS, name: 'Zoé' }] },
      { name: 'council', voters: [ADDRESS] },
      { name: 'council', voters, proposers: [ADDRESS] },
      { name: 'council', voters, previous: DEFAULTS_DIGEST }
    ]

    expect(new Set(policies.map(policy => bytesToHex(policyDigest(parsePolicy(policy))))).size).to.equal(policies.length)
  })

  it('has one digest however it was written down', () => {
    fc.assert(fc.property(fc.shuffledSubarray(Object.keys(FULL), { minLength: Object.keys(FULL).length }), fc.boolean(), (keys, upper) => {
      const cased = (text: string): string => upper ? `0x${text.slice(2).toUpperCase()}` : text.toLowerCase()
      const policy: any = Object.fromEntries(keys.map(key => [key, FULL[key as keyof ScopePolicyInput]]))
      policy.voters = policy.voters.map((voter: any) => typeof voter === 'string' ? { address: cased(voter), name: null } : { name: voter.name, address: cased(voter.address) }).reverse()

      expect(bytesToHex(policyDigest(parsePolicy(policy)))).to.equal(FULL_DIGEST)
    }), { numRuns: 50 })
  })

  it('does not change when it is parsed again, with the largest values too', () => {
    for (const input of [FULL, { name: 'a', clockSkewSeconds: 30 * 24 * 60 * 60 }]) {
      const policy = parsePolicy(input)

      expect(parsePolicy(policy)).to.deep.equal(policy)
    }
  })

  it('leaves the lists it was given as they were', () => {
    const voters = [...FULL.voters ?? []]

    parsePolicy({ ...FULL, voters })

    expect(voters).to.deep.equal(FULL.voters)
  })

  const refused: Array<[Record<string, unknown>, string, string?]> = [
    [{ name: 'Council' }, 'name: ', '"Council"'],
    [{ name: '-council' }, 'name: '],
    [{ name: '' }, 'name: '],
    [{ name: 'a'.repeat(65) }, 'name: '],
    [{ version: 1, timeoutPolicy: 'liveness' }, 'version: must be 2: policies of other versions are not read', 'got 1'],
    [{ version: 3 }, 'version: ', 'got 3'],
    [{ previous: 'ab' }, 'previous: ', '64 hex digits'],
    [{ previous: `0x${'ab'.repeat(32)}` }, 'previous: '],
    [{ decisionRule: 'majority' }, 'decisionRule: ', '"majority"'],
    [{ threshold: 0 }, 'threshold: ', 'got 0'],
    [{ threshold: 1.1 }, 'threshold: ', 'got 1.1'],
    [{ threshold: NaN }, 'threshold: ', 'NaN'],
    [{ threshold: null }, 'threshold: ', 'got null'],
    [{ threshold: 2 / 3 }, 'threshold: ', 'more than 9 decimals: write it as a fraction like "2/3"'],
    [{ threshold: '4/3' }, 'threshold: ', '"4/3"'],
    [{ threshold: '0/0' }, 'threshold: '],
    [{ threshold: 'most' }, 'threshold: ', 'fraction'],
    [{ voters: [] }, 'voters: ', 'or be null'],
    [{ voters: ['0x12'] }, 'voters.0: ', '"0x12"'],
    [{ voters: ['0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d35F'] }, 'voters.0: ', 'checksum'],
    [{ voters: [ADDRESS, ADDRESS.toLowerCase()] }, 'voters: ', 'twice, as number 1 and number 2 of the list'],
    [{ voters: [ADDRESS, { address: ADDRESS, name: 'Zoë' }] }, 'voters: ', 'twice, as number 1 and number 2 of the list'],
    [{ voters: ADDRESS }, 'voters: '],
    [{ voters: [5] }, 'voters.0: must be an address, or an object with an address and a name', 'got 5'],
    [{ voters: [{ name: 'Zoë' }] }, 'voters.0.address is missing'],
    [{ voters: [{ address: '0x12' }] }, 'voters.0.address: must be an address', '"0x12"'],
    [{ voters: [{ address: ADDRESS, weight: 2 }] }, 'voters.0."weight": is reserved: all voters have one vote'],
    [{ voters: [{ address: ADDRESS, role: 'chair' }] }, 'voters.0."role": is not known here: known are address, name'],
    [{ voters: [{ address: ADDRESS, name: ' Zoë' }] }, 'voters.0.name: must have no space at an end', '" Zoë"'],
    [{ voters: [{ address: ADDRESS, name: 'Zoe\u0308' }] }, 'voters.0.name: must be in Unicode normalization form C: write "Zo\u00eb", which is U+005A U+006F U+00EB, got U+005A U+006F U+0065 U+0308'],
    [{ voters: [{ address: ADDRESS, name: 'STRASSE' }, { address: VOTERS[1], name: 'Straße' }] }, 'voters: names two voters "Straße"', 'as number 1 and number 2 of the list'],
    [{ proposers: [{ address: ADDRESS }] }, 'proposers.0: '],
    [{ proposers: [new Uint8Array(20)] }, 'proposers.0: ', '20 bytes'],
    [{ timeoutPolicy: 'fail' }, '"timeoutPolicy": is not known here'],
    [{ livenessCriteriaYes: 'yes' }, 'livenessCriteriaYes: '],
    [{ networkType: 'tcp' }, 'networkType: '],
    [{ defaultTimeoutSeconds: 0 }, 'defaultTimeoutSeconds: '],
    [{ defaultTimeoutSeconds: 60n }, 'defaultTimeoutSeconds: ', '60n'],
    [{ defaultTimeoutSeconds: 1_700_000_000_000 }, 'defaultTimeoutSeconds: ', '1700000000000'],
    [{ defaultTimeoutSeconds: 10 }, 'defaultTimeoutSeconds: ', 'minLifetimeSeconds'],
    [{ minLifetimeSeconds: 1.5 }, 'minLifetimeSeconds: ', '1.5'],
    [{ clockSkewSeconds: -1 }, 'clockSkewSeconds: ', '-1'],
    [{ clockSkewSeconds: 10, graceSeconds: 19 }, 'graceSeconds: ', '20'],
    [{ onSilence: true }, 'onSilence: '],
    [{ treshold: 0.5 }, 'treshold']
  ]

  for (const [values, ...parts] of refused) {
    it(`refuses ${JSON.stringify(values, (_, value) => typeof value === 'bigint' ? `${value}n` : value).slice(0, 60)}`, () => {
      expect(() => parsePolicy({ name: 'council', ...values })).to.throw().with.property('name', 'InvalidPolicyError')

      for (const part of parts) {
        expect(() => parsePolicy({ name: 'council', ...values })).to.throw(part as string)
      }
    })
  }

  for (const first of ['constructor', '__proto__x', 'first']) {
    it(`says in few words that it does not know thousands of fields, of which the first is ${first}`, () => {
      const input = { name: 'council', [first]: 1, ...Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`field${i}`, 1])) }

      expect(() => parsePolicy(input)).to.throw(`"${first}": is not known here`).with.property('message').with.length.below(5_000)
    })
  }

  it('takes automatic votes only where voters are listed and people have time to vote before their nodes do', () => {
    const policy = { name: 'council', onSilence: 'liveness', voters: FULL.voters, minLifetimeSeconds: 40 } as const

    expect(parsePolicy(policy)).to.include({ onSilence: 'liveness', minLifetimeSeconds: 40 })
    expect(parsePolicy({ ...policy, clockSkewSeconds: 0, minLifetimeSeconds: 20 })).to.include({ minLifetimeSeconds: 20 })
    expect(() => parsePolicy({ ...policy, voters: null })).to.throw('voters: must list the voters where onSilence is "liveness", got null')
    expect(() => parsePolicy({ ...policy, minLifetimeSeconds: 39 })).to.throw('minLifetimeSeconds: must be at least 40 where onSilence is "liveness", so that people can vote before their nodes do: four times clockSkewSeconds, and at least 20. Got 39')
    expect(() => parsePolicy({ ...policy, clockSkewSeconds: 0, minLifetimeSeconds: 19 })).to.throw('minLifetimeSeconds: must be at least 20')
    expect(() => parsePolicy({ ...policy, onSilence: 'none', voters: null, minLifetimeSeconds: 1 })).to.not.throw()
  })

  it('refuses what is no policy at all', () => {
    for (const input of [undefined, null, 'council', 5, [], {}]) {
      expect(() => parsePolicy(input)).to.throw().with.property('name', 'InvalidPolicyError')
    }
  })
})

describe('proposal digest', () => {
  const owner = new Uint8Array(20).fill(0xaa)
  const cases: Array<[string, ScopePolicyInput, Partial<Proposal>, string]> = [
    ['an ordinary proposal', { name: 'council' }, { name: 'Upgrade — ü 🗳', payload: Uint8Array.of(1, 2, 3), proposalOwner: owner, expectedVotersCount: 5, timestamp: 1_700_000_000n, expirationTimestamp: 1_700_000_060n, livenessCriteriaYes: true }, '1980e47cf07a08de6db66d545121a03be7b88263b3c741acf2eda90f24192965'],
    ['an empty proposal', FULL, { name: '', payload: new Uint8Array(0), proposalOwner: new Uint8Array(0), expectedVotersCount: 0, timestamp: 0n, expirationTimestamp: 0n, livenessCriteriaYes: false }, 'b43e156694095520baf4f308602a152b0d1e289e59b138c8fd26d9c0d0b43510'],
    ['the largest numbers', { name: 'council' }, { name: 'x'.repeat(300), payload: new Uint8Array(200), proposalOwner: new Uint8Array(20), expectedVotersCount: 2 ** 32 - 1, timestamp: 2n ** 64n - 1n, expirationTimestamp: 2n ** 64n - 1n, livenessCriteriaYes: false }, 'bce05a6d10cfb7b2645bc624a666e7a8089fc44f4f4596aa727e5ed4d0edf0d3']
  ]

  for (const [name, policy, values, digest] of cases) {
    it(`is what another program gives for ${name}, whatever its id, round and votes`, () => {
      const proposal = foreignProposal(values)

      expect(bytesToHex(proposalDigest(policyDigest(parsePolicy(policy)), proposal))).to.equal(digest)
      expect(bytesToHex(proposalDigest(policyDigest(parsePolicy(policy)), { ...proposal, proposalId: 7, round: 3 } as any))).to.equal(digest)
    })
  }

  it('wants the 32 bytes of a policy digest', () => {
    expect(() => proposalDigest(new Uint8Array(31), foreignProposal())).to.throw(TypeError, 'digest must be')
    expect(() => proposalDigest(DEFAULTS_DIGEST as any, foreignProposal())).to.throw(TypeError, 'digest must be')
  })
})

describe('announcement digest', () => {
  const values = { name: 'Upgrade — ü 🗳', payload: Uint8Array.of(1, 2, 3), proposalOwner: new Uint8Array(20).fill(0xaa), expectedVotersCount: 5, proposalId: 0xfedcba98, timestamp: 1_700_000_000n, expirationTimestamp: 1_700_000_060n, livenessCriteriaYes: true }

  it('is the proposal digest where the id follows from that', () => {
    const policy = parsePolicy({ name: 'council' })

    expect(announcementDigest(policy, foreignProposal(values))).to.deep.equal(proposalDigest(policyDigest(policy), foreignProposal(values)))
  })

  it('is of the id too where that is random, as another program has it', () => {
    expect(bytesToHex(announcementDigest(parsePolicy(FULL), foreignProposal(values)))).to.equal('9a3d10873c5c96fbbd675b8cdf16a149201130b9bb4c5d8b7ce9588d280cdc3c')
  })
})

describe('JSON Schema of policies', () => {
  it('says what a file may hold, and is what the docs have', async () => {
    const schema: any = policyJsonSchema()

    expect(JSON.parse(await readFile('docs/scope-policy.schema.json', 'utf8')), 'run npm run generate:schema').to.deep.equal(JSON.parse(JSON.stringify(schema)))
    expect(schema.required).to.deep.equal(['name'])
    expect(schema.additionalProperties).to.equal(false)
    expect(Object.keys(schema.properties)).to.have.members(Object.keys(parsePolicy({ name: 'council' })))

    for (const [field, { default: value, description }] of Object.entries<any>(schema.properties)) {
      expect(description, field).to.be.a('string')

      if (value !== undefined) {
        // what is said to be the default is what leaving it out means
        expect(parsePolicy({ name: 'council', [field]: value }), field).to.deep.equal(parsePolicy({ name: 'council' }))
      }
    }
  })
})
