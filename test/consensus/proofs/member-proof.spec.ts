import { expect } from 'aegir/chai'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { privateKeyToAccount } from 'viem/accounts'
import { hexToBytes } from 'viem/utils'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { scopeRules } from '../../../src/consensus/policy/scope-rules.ts'
import { isCurrent, memberProofProblem, memberText, signMemberProof, verifyMemberProof } from '../../../src/consensus/proofs/member-proof.ts'
import { VerifierUnavailableError } from '../../../src/consensus/signing.ts'
import { addressToIdentity, ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import type { MemberProof } from '../../../src/consensus/proofs/member-proof.ts'

const DAY = 24n * 60n * 60n

describe('member proof', () => {
  const key = `0x${'11'.repeat(32)}` as const
  const signer = ethereumSigner(key)
  const subject = { scope: 'council', digest: new Uint8Array(32).fill(0xab), peer: '12D3KooWPeer' }
  const claim = { issued: 1_700_000_000n, expires: 1_700_000_000n + DAY, count: 7n, mark: new Uint8Array(16).fill(0x0c) }
  const rules = scopeRules(parsePolicy({ name: 'council', voters: [privateKeyToAccount(key).address] }))
  const text = [
    'libp2p-voting member',
    'scope: council',
    'policy: abababababababababababababababababababababababababababababababab',
    'peer: 12D3KooWPeer',
    'issued: 1700000000',
    'expires: 1700086400',
    'locks: 7 0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c'
  ].join('\n')
  let proof: MemberProof

  before(async () => {
    proof = await signMemberProof(signer, subject, claim)
  })

  it('signs a text that a wallet shows to a person', () => {
    expect(toString(memberText(subject, proof))).to.equal(text)
  })

  it('has the signature that a wallet makes of this text', async () => {
    const account = privateKeyToAccount(key)

    expect(proof.voter).to.equalBytes(addressToIdentity(account.address))
    expect(proof.signature).to.equalBytes(hexToBytes(await account.signMessage({ message: text })))
    expect(toString(proof.signature, 'base16')).to.equal('13846859a63387187eed4632e184453acbb0902b01d5e94da92f8264350197ee340cfa518c2a9d8c9160e8d6231432758c451d8ce6d9bb29ecd58b9f5525e9f71c')
    expect(await verifyMemberProof(ethereumScheme(), subject, proof)).to.equal(true)
  })

  it('is not valid for another peer, scope or policy, nor with another field', async () => {
    for (const changed of [{ scope: 'board' }, { digest: new Uint8Array(32) }, { peer: '12D3KooWOther' }]) {
      expect(await verifyMemberProof(ethereumScheme(), { ...subject, ...changed }, proof)).to.equal(false)
    }

    for (const changed of [{ issued: 1n }, { expires: proof.expires + 1n }, { count: 8n }, { mark: new Uint8Array(16) }, { voter: new Uint8Array(20) }, { signature: new Uint8Array(65) }, { signature: new Uint8Array(0) }, { voter: fromString('short') }]) {
      expect(await verifyMemberProof(ethereumScheme(), subject, { ...proof, ...changed })).to.equal(false)
    }
  })

  it('is not called invalid when the verifier cannot tell', async () => {
    const scheme = { verify: () => { throw new VerifierUnavailableError('it is not running') } }

    await expect(verifyMemberProof(scheme, subject, proof)).to.eventually.be.rejectedWith('it is not running')
  })

  it('has a form that depends on the policy alone', () => {
    const problems = (changes: Partial<MemberProof>, of = rules): string | undefined => memberProofProblem(of, { ...proof, ...changes })

    expect(problems({})).to.equal(undefined)
    expect(problems({ expires: proof.issued + 30n * DAY })).to.equal(undefined)
    expect(problems({ count: 2n ** 53n - 1n })).to.equal(undefined)
    expect(problems({ expires: proof.issued + 30n * DAY + 1n })).to.match(/at most 30 days/)
    expect(problems({ expires: proof.issued })).to.match(/at most 30 days/)
    expect(problems({ mark: new Uint8Array(15) })).to.match(/mark must be 16 bytes, got 15/)
    expect(problems({ count: 2n ** 53n })).to.match(/less than 2\^53/)
    expect(problems({ voter: new Uint8Array(20) })).to.match(/not among the voters/)
    expect(problems({}, scopeRules(parsePolicy({ name: 'council' })))).to.match(/no voter list/)
  })

  it('is current from a day before it was issued until the skew after it expires', () => {
    const { issued, expires } = proof

    expect(isCurrent(proof, issued - DAY, 10)).to.equal(true)
    expect(isCurrent(proof, issued - DAY - 1n, 10)).to.equal(false)
    expect(isCurrent(proof, expires + 9n, 10)).to.equal(true)
    expect(isCurrent(proof, expires + 10n, 10)).to.equal(false)
  })
})
