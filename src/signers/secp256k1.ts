/**
 * ECDSA over secp256k1 with the native libsecp256k1 where npm's `secp256k1` has a binding for this platform, which is some
 * thirty times as fast as JavaScript. Bundlers for browsers take `secp256k1.browser.ts` in place of this file.
 */

import type { Secp256k1 } from './secp256k1.browser.ts'

export type { Secp256k1 }

/** Uses the binding and never the JavaScript that the package falls back to, which is slower than noble's */
async function loadNative (): Promise<Secp256k1 | undefined> {
  let binding: typeof import('secp256k1')

  try {
    // @ts-expect-error the types of the package only know its main file
    binding = (await import('secp256k1/bindings.js')).default
  } catch {
    // no binding for this platform: noble does the same, slower
    return
  }

  return {
    name: 'libsecp256k1',

    sign (digest, privateKey) {
      const { signature, recid } = binding.ecdsaSign(digest, privateKey)

      return { signature, recovery: recid }
    },

    recover (digest, signature, recovery) {
      return binding.ecdsaRecover(signature, recovery, digest, false)
    },

    publicKey (privateKey) {
      return binding.publicKeyCreate(privateKey, false)
    }
  }
}

export const native: Secp256k1 | undefined = await loadNative()

/** The fastest implementation there is here */
export const curve: Secp256k1 = native ?? (await import('./secp256k1.browser.ts')).noble
