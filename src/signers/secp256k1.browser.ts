/**
 * ECDSA over secp256k1 in JavaScript, where there is no native binding: in browsers, and on platforms that npm's
 * `secp256k1` ships none for.
 */

import { secp256k1 } from '@noble/curves/secp256k1.js'

/**
 * What the Ethereum scheme needs of the curve. Signatures are RFC 6979 with low s, so every implementation gives the same
 * bytes.
 */
export interface Secp256k1 {
  /** Which implementation this is */
  readonly name: 'libsecp256k1' | 'noble'

  /** Signs a 32-byte digest: r ‖ s (64 bytes) and which of two points r stands for (0 or 1) */
  sign (digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array, recovery: number }

  /** The uncompressed public key (65 bytes) whose signature this is. Throws if no key could have made it. */
  recover (digest: Uint8Array, signature: Uint8Array, recovery: number): Uint8Array

  /** The uncompressed public key (65 bytes) of a private key. Throws if it is none. */
  publicKey (privateKey: Uint8Array): Uint8Array
}

export const noble: Secp256k1 = {
  name: 'noble',

  sign (digest, privateKey) {
    const recovered = secp256k1.sign(digest, privateKey, { prehash: false, format: 'recovered' })

    return { signature: recovered.subarray(1), recovery: recovered[0] }
  },

  recover (digest, signature, recovery) {
    return secp256k1.Signature.fromBytes(signature)
      .addRecoveryBit(recovery)
      .recoverPublicKey(digest)
      .toBytes(false)
  },

  publicKey (privateKey) {
    return secp256k1.getPublicKey(privateKey, false)
  }
}

/** The fastest implementation there is here */
export const curve: Secp256k1 = noble
