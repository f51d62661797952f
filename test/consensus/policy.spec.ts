import { readFile } from 'node:fs/promises'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { toString } from 'uint8arrays/to-string'
import { announcementDigest, canonicalPolicy, parsePolicy, policyDigest, policyJsonSchema, proposalDigest } from '../../src/consensus/index.ts'
import { foreignProposal } from './fixtures/service.ts'
import type { Proposal, ScopePolicyInput } from '../../src/consensus/index.ts'

// the digests and canonical forms here were made with another program: Python's json and hashlib

const DEFAULTS = '{"clockSkewSeconds":10,"decisionRule":"quorum","defaultTimeoutSeconds":60,"graceSeconds":25,"livenessCriteriaYes":null,"minLifetimeSeconds":30,"name":"council","networkType":"gossipsub","onSilence":"none","proposers":null,"threshold":0.6666666666666666,"version":1,"voters":null}'
const DEFAULTS_DIGEST = 'a81fe08770c88f4d87ba58d906447a9a29dfe86ef026d3f6a031533cf4928e28'

const FULL: ScopePolicyInput = {
  onSilence: 'no',
  version: 1,
  name: 'bridge-1.main',
  decisionRule: 'reference',
  threshold: 1,
  voters: ['0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', '0x00000000000000000000000000000000000000FF'],
  proposers: ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
  livenessCriteriaYes: false,
  networkType: 'p2p',
  defaultTimeoutSeconds: 600,
  minLifetimeSeconds: 0,
  clockSkewSeconds: 3,
  graceSeconds: 6
}
const FULL_CANONICAL = '{"clockSkewSeconds":3,"decisionRule":"reference","defaultTimeoutSeconds":600,"graceSeconds":6,"livenessCriteriaYes":false,"minLifetimeSeconds":0,"name":"bridge-1.main","networkType":"p2p","onSilence":"no","proposers":["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],"threshold":1,"version":1,"voters":["0x00000000000000000000000000000000000000ff","0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed","0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"]}'
const FULL_DIGEST = 'd7c7085533d343cedad0733b7a7dd995c9685a4ff640d1ab450ddffbef2079c2'

describe('scope policy', () => {
  it('has defaults for everything but its name', () => {
    expect(parsePolicy({ name: 'council' })).to.deep.equal({
      version: 1,
      name: 'council',
      decisionRule: 'quorum',
      threshold: 2 / 3,
      voters: null,
      proposers: null,
      livenessCriteriaYes: null,
      networkType: 'gossipsub',
      defaultTimeoutSeconds: 60,
      minLifetimeSeconds: 30,
      clockSkewSeconds: 10,
      graceSeconds: 25,
      onSilence: 'none'
    })
  })

  it('has the canonical form and the digest that another program gives it', () => {
    const defaults = parsePolicy({ name: 'council' })
    const full = parsePolicy(FULL)

    expect(toString(canonicalPolicy(defaults))).to.equal(DEFAULTS)
    expect(bytesToHex(policyDigest(defaults))).to.equal(DEFAULTS_DIGEST)
    expect(toString(canonicalPolicy(full))).to.equal(FULL_CANONICAL)
    expect(bytesToHex(policyDigest(full))).to.equal(FULL_DIGEST)
  })

  for (const [threshold, digest] of [
    [0.5, 'bfeb1a4c303964eb53b6bcc52b328d8da081b31e54988d6589cb9a8a4fb9e264'],
    ['1/2', 'bfeb1a4c303964eb53b6bcc52b328d8da081b31e54988d6589cb9a8a4fb9e264'],
    [0.1, 'b2023b39e1fa36995050fa07b5915195bafc59eda560a4c34e9f78939d720c63'],
    ['3/4', '16f857c148b993b347f8430f2de26490c036b36090eced71b0eb2714d5e673ce'],
    ['2/3', DEFAULTS_DIGEST]
  ] as const) {
    it(`has the digest of its threshold, ${threshold}`, () => {
      expect(bytesToHex(policyDigest(parsePolicy({ name: 'council', threshold })))).to.equal(digest)
    })
  }

  it('has one digest however it was written down', () => {
    fc.assert(fc.property(fc.shuffledSubarray(Object.keys(FULL), { minLength: Object.keys(FULL).length }), fc.boolean(), (keys, upper) => {
      const address = (text: string): string => upper ? `0x${text.slice(2).toUpperCase()}` : text.toLowerCase()
      const policy: any = Object.fromEntries(keys.map(key => [key, FULL[key as keyof ScopePolicyInput]]))
      policy.voters = policy.voters.map(address).reverse()

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
    [{ version: 2 }, 'version: ', 'got 2'],
    [{ decisionRule: 'majority' }, 'decisionRule: ', '"majority"'],
    [{ threshold: 0 }, 'threshold: ', 'got 0'],
    [{ threshold: 1.1 }, 'threshold: ', 'got 1.1'],
    [{ threshold: NaN }, 'threshold: ', 'NaN'],
    [{ threshold: '4/3' }, 'threshold: ', '"4/3"'],
    [{ threshold: '0/0' }, 'threshold: '],
    [{ threshold: 'most' }, 'threshold: ', 'fraction'],
    [{ voters: [] }, 'voters: ', 'or be null'],
    [{ voters: ['0x12'] }, 'voters.0: ', '"0x12"'],
    [{ voters: ['0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d35F'] }, 'voters.0: ', 'checksum'],
    [{ voters: [FULL.voters?.[0], FULL.voters?.[0]?.toLowerCase()] }, 'voters: ', 'twice, as number 1 and number 2 of the list'],
    [{ voters: FULL.voters?.[0] }, 'voters: '],
    [{ proposers: [new Uint8Array(20)] }, 'proposers.0: ', '20 bytes'],
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

  it('refuses what is no policy at all', () => {
    for (const input of [undefined, null, 'council', 5, [], {}]) {
      expect(() => parsePolicy(input)).to.throw().with.property('name', 'InvalidPolicyError')
    }
  })
})

describe('proposal digest', () => {
  const owner = new Uint8Array(20).fill(0xaa)
  const cases: Array<[string, ScopePolicyInput, Partial<Proposal>, string]> = [
    ['an ordinary proposal', { name: 'council' }, { name: 'Upgrade — ü 🗳', payload: Uint8Array.of(1, 2, 3), proposalOwner: owner, expectedVotersCount: 5, timestamp: 1_700_000_000n, expirationTimestamp: 1_700_000_060n, livenessCriteriaYes: true }, '111b7aaee8af767cd5dbb5a0804a2b78aa3e89d5a0ba77d6bda23064758d75f4'],
    ['an empty proposal', FULL, { name: '', payload: new Uint8Array(0), proposalOwner: new Uint8Array(0), expectedVotersCount: 0, timestamp: 0n, expirationTimestamp: 0n, livenessCriteriaYes: false }, '5bdba7a027ee6f8096ae4fe380bb30577b9adedb13563a3091aa25f4da614d8f'],
    ['the largest numbers', { name: 'council' }, { name: 'x'.repeat(300), payload: new Uint8Array(200), proposalOwner: new Uint8Array(20), expectedVotersCount: 2 ** 32 - 1, timestamp: 2n ** 64n - 1n, expirationTimestamp: 2n ** 64n - 1n, livenessCriteriaYes: false }, '397304bbbaa54f8d9197defed4728a1c86100b60e89a232e8679f554305e1d8b']
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
    expect(bytesToHex(announcementDigest(parsePolicy(FULL), foreignProposal(values)))).to.equal('72886a377bdf4d21bbe8d9b0eed281ee2752b37fd10c8a7ef3fec54a4241a4a5')
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
