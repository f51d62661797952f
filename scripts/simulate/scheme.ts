/**
 * A signature scheme that is as fast as a hash: whoever knows how to make keys from names can sign for anybody, and nobody
 * in a simulation but the owner does.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'uint8arrays/equals'
import { SignatureSchemeError } from '../../src/consensus/index.ts'
import type { ConsensusSigner, SignatureScheme } from '../../src/consensus/index.ts'

const KEY_DOMAIN = 0x5e

/** The identity of the voter with this number, as long as an address */
export function identityOf (number: number): Uint8Array {
  const identity = new Uint8Array(20)

  identity[0] = 0xaa
  new DataView(identity.buffer).setUint32(16, number)

  return identity
}

/** The number of a voter */
export function numberOf (identity: Uint8Array): number {
  return new DataView(identity.buffer, identity.byteOffset).getUint32(16)
}

export function signerOf (number: number): ConsensusSigner {
  const identity = identityOf(number)

  return { identity, sign: payload => mac(identity, payload) }
}

export const macScheme: SignatureScheme = {
  verify (identity, payload, signature) {
    if (identity.byteLength !== 20 || signature.byteLength !== 32) {
      throw new SignatureSchemeError('An identity is 20 bytes and a signature 32', { owner: identity })
    }

    return equals(mac(identity, payload), signature)
  }
}

function mac (identity: Uint8Array, payload: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(KEY_DOMAIN)).update(identity).update(payload).digest()
}
