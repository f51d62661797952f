import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { verifyMessage } from 'viem/utils'
import { SignatureSchemeError } from '../../src/consensus/index.ts'
import { addressToIdentity, ethereumScheme, ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { KnownKeys } from '../../src/signers/known-keys.ts'
import { noble } from '../../src/signers/secp256k1.browser.ts'
import { curve, native } from '../../src/signers/secp256k1.ts'
import { request, SCOPE, TestService } from '../consensus/fixtures/service.ts'
import type { MessageAccount } from '../../src/signers/ethereum.ts'
import type { Hex } from 'viem'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const KEY: Hex = '0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318'

// made elsewhere: web3.js's documentation signs "Some data" with this key
const MESSAGE = new TextEncoder().encode('Some data')
const ADDRESS = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'
const SIGNATURE = 'b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c'

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(bytes => {
  const number = BigInt(`0x${bytesToHex(bytes)}`)
  return number > 0n && number < ORDER
})

/** An account whose signatures are changed before they are handed out */
function accountThatGives (change: (signature: Uint8Array) => Uint8Array): MessageAccount {
  const account = privateKeyToAccount(KEY)

  return {
    address: account.address,
    signMessage: async options => `0x${bytesToHex(change(hexToBytes((await account.signMessage(options)).slice(2))))}`
  }
}

function withV (signature: Uint8Array, v: number): Uint8Array {
  const changed = Uint8Array.from(signature)
  changed[64] = v
  return changed
}

/** The other signature that stands for the same point */
function highS (signature: Uint8Array): Uint8Array {
  const changed = withV(signature, signature[64] ^ 7)
  const s = BigInt(`0x${bytesToHex(signature.subarray(32, 64))}`)
  changed.set(hexToBytes((ORDER - s).toString(16).padStart(64, '0')), 32)
  return changed
}

describe('ethereumSigner', () => {
  it('has a native binding here', () => {
    expect(native?.name).to.equal('libsecp256k1')
    expect(curve).to.equal(native)
  })

  for (const [name, signer] of [
    ['the native binding', ethereumSigner(KEY)],
    ['noble', ethereumSigner(KEY, noble)],
    ['a viem account', ethereumSigner(privateKeyToAccount(KEY))],
    ['bytes', ethereumSigner(hexToBytes(KEY.slice(2)))]
  ] as const) {
    it(`signs as others do, with ${name}`, async () => {
      expect(identityToAddress(signer.identity)).to.equal(ADDRESS)
      expect(bytesToHex(await signer.sign(MESSAGE))).to.equal(SIGNATURE)
    })
  }

  it('gives the same bytes natively, with noble and with viem, for any key and payload, and viem verifies them', async () => {
    await fc.assert(fc.asyncProperty(key, fc.uint8Array({ maxLength: 300 }), async (key, payload) => {
      const hex: Hex = `0x${bytesToHex(key)}`
      const signers = [ethereumSigner(key), ethereumSigner(hex, noble), ethereumSigner(privateKeyToAccount(hex))]
      const signatures = await Promise.all(signers.map(async signer => bytesToHex(await signer.sign(payload))))

      expect(new Set(signatures).size).to.equal(1)
      expect(new Set(signers.map(({ identity }) => bytesToHex(identity))).size).to.equal(1)
      expect(await verifyMessage({
        address: identityToAddress(signers[0].identity),
        message: { raw: payload },
        signature: `0x${signatures[0]}`
      })).to.equal(true)
    }), { numRuns: 30 })
  })

  it('signs with accounts of a mnemonic', async () => {
    const account = mnemonicToAccount('test test test test test test test test test test test junk')
    const signer = ethereumSigner(account)

    expect(identityToAddress(signer.identity)).to.equal('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
    expect(ethereumScheme().verify(signer.identity, MESSAGE, await signer.sign(MESSAGE))).to.equal(true)
  })

  it('brings what accounts give into the canonical form: v 0 or 1, high s', async () => {
    for (const change of [
      (signature: Uint8Array) => withV(signature, signature[64] - 27),
      highS,
      (signature: Uint8Array) => withV(highS(signature), highS(signature)[64] - 27)
    ]) {
      const signer = ethereumSigner(accountThatGives(change))

      expect(bytesToHex(await signer.sign(MESSAGE))).to.equal(SIGNATURE)
    }
  })

  it('refuses signatures of contract accounts, which are longer, and of others that are shorter', async () => {
    for (const change of [
      (signature: Uint8Array) => Uint8Array.from([...signature, ...signature]),
      (signature: Uint8Array) => signature.subarray(0, 64),
      () => new Uint8Array(0)
    ]) {
      await expect(ethereumSigner(accountThatGives(change)).sign(MESSAGE)).to.eventually.be.rejectedWith(SignatureSchemeError, 'Contract accounts')
    }
  })

  it('does not let a vote out that an account has signed in a form that nobody takes', async () => {
    for (const change of [
      (signature: Uint8Array) => withV(signature, 35),
      (signature: Uint8Array) => withV(signature, 2)
    ]) {
      const service = new TestService({ scheme: ethereumScheme() })
      const { proposalId } = await service.createProposal(SCOPE, request())

      await expect(service.castVote(SCOPE, proposalId, true, ethereumSigner(accountThatGives(change)))).to.eventually.be.rejected.with.property('name', 'SignatureSchemeError')
      expect((await service.session(proposalId)).voteCount).to.equal(0)
    }
  })

  it('refuses keys that are none, without showing them', () => {
    for (const key of [
      '0x', '0x1234', KEY.slice(2), `${KEY}00`, `0x${'00'.repeat(32)}`, `0x${ORDER.toString(16)}`, '0xzz',
      new Uint8Array(32), new Uint8Array(31).fill(7), new Uint8Array(0), null, undefined, {}, 5, { address: ADDRESS }, { address: '0x12', signMessage: () => {} }
    ]) {
      for (const implementation of [native ?? noble, noble]) {
        expect(() => ethereumSigner(key as any, implementation)).to.throw(TypeError).with.property('message').that.matches(/key/).and.not.include(KEY.slice(4))
      }
    }
  })

  it('keeps the key it was given when the caller wipes it', async () => {
    const key = Buffer.from(KEY.slice(2), 'hex')
    const signer = ethereumSigner(key)
    key.fill(0)

    expect(bytesToHex(await signer.sign(MESSAGE))).to.equal(SIGNATURE)
  })
})

describe('ethereumScheme', () => {
  const { identity } = ethereumSigner(KEY)
  const signature = hexToBytes(SIGNATURE)

  for (const implementation of [native ?? noble, noble]) {
    describe(`with ${implementation.name}`, () => {
      const scheme = ethereumScheme(implementation)

      it('tells the signature of the identity from that of another, or over another payload', () => {
        expect(scheme.verify(identity, MESSAGE, signature)).to.equal(true)
        expect(scheme.verify(identity, MESSAGE.subarray(1), signature)).to.equal(false)
        expect(scheme.verify(ethereumSigner(generatePrivateKey()).identity, MESSAGE, signature)).to.equal(false)
        expect(scheme.verify(identity, MESSAGE, withV(signature, signature[64] ^ 7))).to.equal(false)
      })

      it('tells them apart as well where it has verified a signature of the identity before', async () => {
        const other = ethereumSigner(generatePrivateKey())
        const otherSignature = await other.sign(MESSAGE)

        for (let count = 0; count < 2; count++) {
          expect(scheme.verify(identity, MESSAGE, signature)).to.equal(true)
          expect(scheme.verify(other.identity, MESSAGE, otherSignature)).to.equal(true)
          expect(scheme.verify(identity, MESSAGE, otherSignature)).to.equal(false)
          expect(scheme.verify(other.identity, MESSAGE, signature)).to.equal(false)
          expect(scheme.verify(identity, MESSAGE.subarray(1), signature)).to.equal(false)
        }
      })

      it('refuses identities and signatures of another length', () => {
        for (const length of [0, 19, 21, 32]) {
          expect(() => scheme.verify(new Uint8Array(length), MESSAGE, signature)).to.throw(SignatureSchemeError, `20 bytes, got ${length}`)
        }

        for (const length of [0, 64, 66, 130]) {
          expect(() => scheme.verify(identity, MESSAGE, new Uint8Array(length))).to.throw(SignatureSchemeError, `65 bytes, got ${length}`)
        }
      })

      it('refuses all encodings of a signature but one', () => {
        for (let v = 0; v < 256; v++) {
          if (v !== 27 && v !== 28) {
            expect(() => scheme.verify(identity, MESSAGE, withV(signature, v))).to.throw(SignatureSchemeError, `got ${v}`)
          }
        }

        expect(() => scheme.verify(identity, MESSAGE, highS(signature))).to.throw(SignatureSchemeError, 'lower half')
      })

      it('takes the largest low s, and refuses one more', () => {
        const withS = (s: bigint): Uint8Array => {
          const changed = Uint8Array.from(signature)
          changed.set(hexToBytes(s.toString(16).padStart(64, '0')), 32)
          return changed
        }

        expect(scheme.verify(identity, MESSAGE, withS(ORDER / 2n))).to.equal(false)
        expect(() => scheme.verify(identity, MESSAGE, withS(ORDER / 2n + 1n))).to.throw(SignatureSchemeError, 'lower half')
      })

      it('refuses what no key could have made', () => {
        const values: Array<[number, Uint8Array]> = [[0, new Uint8Array(32)], [32, new Uint8Array(32)], [0, new Uint8Array(32).fill(255)], [0, hexToBytes(ORDER.toString(16))]]

        for (const [offset, value] of values) {
          const changed = Uint8Array.from(signature)
          changed.set(value, offset)

          expect(() => scheme.verify(identity, MESSAGE, changed)).to.throw(SignatureSchemeError, 'No key')
        }
      })

      it('throws only its own error, on any bytes', () => {
        fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 65, maxLength: 65 }), fc.constantFrom(27, 28), (payload, bytes, v) => {
          try {
            expect(scheme.verify(identity, payload, withV(bytes, v))).to.equal(false)
          } catch (err) {
            expect(err).to.be.an.instanceOf(SignatureSchemeError)
          }
        }), { numRuns: 200 })
      })

      it('names arguments that are no bytes', () => {
        expect(() => scheme.verify(ADDRESS as any, MESSAGE, signature)).to.throw(TypeError, 'identity must be a Uint8Array')
        expect(() => scheme.verify(identity, 'Some data' as any, signature)).to.throw(TypeError, 'payload must be a Uint8Array')
        expect(() => scheme.verify(identity, MESSAGE, SIGNATURE as any)).to.throw(TypeError, 'signature must be a Uint8Array')
      })
    })
  }
})

describe('known keys', () => {
  const keys = new KnownKeys()

  function keyOf (index: number): Uint8Array {
    const key = new Uint8Array(65)

    new DataView(key.buffer).setUint32(0, index)

    return key
  }

  it('are those of the addresses they came with, the last ten thousand', () => {
    for (let index = 0; index <= 10_000; index++) {
      keys.add(keyOf(index).subarray(0, 20), keyOf(index))
    }

    for (const [index, isKnown] of [[0, false], [1, true], [10_000, true], [10_001, false]] as const) {
      expect(keys.has(keyOf(index).subarray(0, 20), keyOf(index))).to.equal(isKnown)
    }

    expect(keys.has(keyOf(1).subarray(0, 20), keyOf(2))).to.equal(false)
  })
})

describe('addresses', () => {
  it('become identities and come back with their checksum', () => {
    for (const address of [ADDRESS, ADDRESS.toLowerCase(), `0x${ADDRESS.slice(2).toUpperCase()}`]) {
      expect(identityToAddress(addressToIdentity(address))).to.equal(ADDRESS)
    }
  })

  it('are refused where they are none', () => {
    for (const address of ['', '0x', ADDRESS.slice(2), `${ADDRESS}00`, 5, null]) {
      expect(() => addressToIdentity(address as any)).to.throw(TypeError, '40 hex digits')
    }

    expect(() => identityToAddress(new Uint8Array(19))).to.throw(TypeError, '20 bytes')
    expect(() => identityToAddress(ADDRESS as any)).to.throw(TypeError)
  })
})
