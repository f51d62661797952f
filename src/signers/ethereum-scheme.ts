/**
 * Verifies votes of Ethereum addresses. The threads of the verifier pool load no more than this, so that they are there soon.
 */

import { compare } from 'uint8arrays/compare'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { checkBytes } from '../consensus/encoding/check.ts'
import { SignatureSchemeError } from '../consensus/errors.ts'
import { keccak256 } from './keccak.ts'
import { KnownKeys } from './known-keys.ts'
import { curve as defaultCurve } from './secp256k1.ts'
import type { Secp256k1 } from './secp256k1.ts'
import type { SignatureScheme } from '../consensus/signing.ts'

/** Bytes of an address */
export const IDENTITY_LENGTH = 20

/** Bytes of a signature: r, s and v */
export const SIGNATURE_LENGTH = 65

const PREFIX = fromString('\x19Ethereum Signed Message:\n')

/** Half the order of the curve, rounded down: the largest s there is in a canonical signature */
export const MAX_S = fromString('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'base16')

/**
 * Verifies EIP-191 signatures of Ethereum addresses. Only the canonical form is accepted; what has another form, or what no
 * key could have made, is a SignatureSchemeError.
 *
 * @param curve - the implementation to use, the native one where there is one by default
 */
export function ethereumScheme (curve: Secp256k1 = defaultCurve): SignatureScheme {
  const known = new KnownKeys()

  return {
    verify (identity, payload, signature) {
      checkBytes('identity', identity)
      checkBytes('payload', payload)
      checkBytes('signature', signature)

      if (identity.byteLength !== IDENTITY_LENGTH) {
        throw new SignatureSchemeError(`An Ethereum identity is an address of ${IDENTITY_LENGTH} bytes, got ${identity.byteLength}`, { owner: identity })
      }

      checkCanonical(identity, signature)

      let publicKey: Uint8Array

      try {
        publicKey = curve.recover(messageDigest(payload), signature.subarray(0, 64), signature[64] - 27)
      } catch (err: any) {
        throw new SignatureSchemeError('No key could have made this signature', { owner: identity, cause: err })
      }

      if (known.has(identity, publicKey)) {
        return true
      }

      const isValid = equals(publicKeyToIdentity(publicKey), identity)

      if (isValid) {
        known.add(identity, publicKey)
      }

      return isValid
    }
  }
}

/** The digest that `personal_sign` signs: keccak-256 over the prefix, the length in decimal and the payload (EIP-191) */
export function messageDigest (payload: Uint8Array): Uint8Array {
  const length = payload.byteLength.toString()
  const message = new Uint8Array(PREFIX.byteLength + length.length + payload.byteLength)

  message.set(PREFIX)

  for (let index = 0; index < length.length; index++) {
    message[PREFIX.byteLength + index] = length.charCodeAt(index)
  }

  message.set(payload, PREFIX.byteLength + length.length)

  return keccak256(message)
}

/** The address of a key: the last 20 bytes of the keccak-256 of its point */
export function publicKeyToIdentity (publicKey: Uint8Array): Uint8Array {
  return keccak256(publicKey.subarray(1)).slice(-IDENTITY_LENGTH)
}

function checkCanonical (owner: Uint8Array, signature: Uint8Array): void {
  if (signature.byteLength !== SIGNATURE_LENGTH) {
    throw new SignatureSchemeError(`An Ethereum signature is ${SIGNATURE_LENGTH} bytes, got ${signature.byteLength}`, { owner })
  }

  if (signature[64] !== 27 && signature[64] !== 28) {
    throw new SignatureSchemeError(`The last byte of a signature, v, is 27 or 28, got ${signature[64]}`, { owner })
  }

  if (compare(signature.subarray(32, 64), MAX_S) > 0) {
    throw new SignatureSchemeError('The s of a signature is in the lower half of the curve\'s order, got a higher one', { owner })
  }
}
