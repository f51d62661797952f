/**
 * @packageDocumentation
 *
 * The default signature scheme: votes are signed with Ethereum keys, as `personal_sign` (EIP-191) does. An identity is the
 * 20 bytes of an address; a signature is 65 bytes, r ‖ s ‖ v, with v 27 or 28 and s in the lower half of the curve's order.
 *
 * @example
 *
 * ```TypeScript
 * import { ethereumScheme, ethereumSigner } from 'libp2p-voting/signers/ethereum'
 * import { generatePrivateKey, mnemonicToAccount } from 'viem/accounts'
 *
 * // a raw key, signed with natively where that is possible
 * const signer = ethereumSigner(generatePrivateKey())
 *
 * // or any account of viem
 * const account = mnemonicToAccount('test test test test test test test test test test test junk')
 * const other = ethereumSigner(account)
 *
 * const payload = new Uint8Array([1, 2, 3])
 * const signature = await signer.sign(payload)
 *
 * console.info(ethereumScheme().verify(signer.identity, payload, signature)) // true
 * console.info(ethereumScheme().verify(other.identity, payload, signature)) // false
 * ```
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { compare } from 'uint8arrays/compare'
import { concat } from 'uint8arrays/concat'
import { getAddress, hexToBytes, isAddress, isHex } from 'viem/utils'
import { SignatureSchemeError } from '../consensus/errors.ts'
import { IDENTITY_LENGTH, MAX_S, messageDigest, publicKeyToIdentity, SIGNATURE_LENGTH } from './ethereum-scheme.ts'
import { curve as defaultCurve } from './secp256k1.ts'
import type { Secp256k1 } from './secp256k1.ts'
import type { ConsensusSigner } from '../consensus/signing.ts'
import type { Address, Hex } from 'viem'

export { ethereumScheme, IDENTITY_LENGTH, SIGNATURE_LENGTH } from './ethereum-scheme.ts'
export type { Secp256k1 }

/** Order of the curve */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * The part of a viem account that signing needs
 */
export interface MessageAccount {
  address: Address
  signMessage (options: { message: { raw: Hex } }): Promise<Hex>
}

/**
 * Signs with a raw private key (32 bytes, or the same as 0x and 64 hex digits) or with any viem account: a mnemonic, a
 * keystore, a hardware wallet.
 *
 * @param curve - the implementation a raw key signs with, the native one where there is one by default
 */
export function ethereumSigner (key: Hex | Uint8Array | MessageAccount, curve: Secp256k1 = defaultCurve): ConsensusSigner {
  if (typeof key === 'string' || key instanceof Uint8Array) {
    return keySigner(key, curve)
  }

  if (typeof key?.signMessage !== 'function' || !isAddress(key.address, { strict: false })) {
    throw new TypeError('The key must be 32 bytes, 0x and 64 hex digits, or a viem account that can sign messages')
  }

  return {
    identity: addressToIdentity(key.address),

    async sign (payload) {
      const signature = hexToBytes(await key.signMessage({ message: { raw: `0x${bytesToHex(payload)}` } }))

      return canonicalSignature(signature)
    }
  }
}

/** The 20 bytes of an address that is written as 0x and 40 hex digits */
export function addressToIdentity (address: string): Uint8Array {
  if (!isAddress(address, { strict: false })) {
    throw new TypeError(`An address is 0x and 40 hex digits, got ${JSON.stringify(address)}`)
  }

  return hexToBytes(address)
}

/** An identity as people write it: the address with its checksum (EIP-55) */
export function identityToAddress (identity: Uint8Array): Address {
  if (identity.byteLength !== IDENTITY_LENGTH) {
    throw new TypeError(`An Ethereum identity is ${IDENTITY_LENGTH} bytes, got ${identity.byteLength}`)
  }

  return getAddress(`0x${bytesToHex(identity)}`)
}

function keySigner (key: Hex | Uint8Array, curve: Secp256k1): ConsensusSigner {
  if (typeof key === 'string' && !isHex(key)) {
    throw new TypeError('A private key is 32 bytes, or 0x and 64 hex digits')
  }

  const privateKey = typeof key === 'string' ? hexToBytes(key) : Uint8Array.from(key)
  let publicKey: Uint8Array

  try {
    publicKey = curve.publicKey(privateKey)
  } catch {
    // the cause may hold the key
    throw new TypeError(`A private key is 32 bytes of a number from 1 to the curve's order, got ${privateKey.byteLength} bytes that are none`)
  }

  return {
    identity: publicKeyToIdentity(publicKey),

    sign (payload) {
      const { signature, recovery } = curve.sign(messageDigest(payload), privateKey)

      return concat([signature, Uint8Array.of(27 + recovery)])
    }
  }
}

/** Accounts may sign with v 0 or 1, or with a high s: the same signature in its canonical form */
function canonicalSignature (signature: Uint8Array): Uint8Array {
  if (signature.byteLength !== SIGNATURE_LENGTH) {
    throw new SignatureSchemeError(`The account gave a signature of ${signature.byteLength} bytes where an Ethereum key gives ${SIGNATURE_LENGTH}. Contract accounts cannot sign votes`)
  }

  const canonical = signature.slice()
  let recovery = signature[64] < 27 ? signature[64] : signature[64] - 27
  const s = signature.subarray(32, 64)

  if (compare(s, MAX_S) > 0) {
    canonical.set(hexToBytes(`0x${(ORDER - BigInt(`0x${bytesToHex(s)}`)).toString(16).padStart(64, '0')}`), 32)
    recovery ^= 1
  }

  canonical[64] = 27 + recovery

  return canonical
}
