/**
 * What the core asks of a signature scheme. The core brings none of its own: the entry points pass in the Ethereum one.
 */

import { show } from './encoding/check.ts'
import { SignatureSchemeError } from './errors.ts'

/**
 * Signs for one identity
 */
export interface ConsensusSigner {
  /** What goes into `voteOwner`, for instance the 20 bytes of an Ethereum address */
  readonly identity: Uint8Array

  /** Signs a payload of any length */
  sign (payload: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/**
 * Verifies signatures of any identity
 */
export interface SignatureScheme {
  /**
   * True if `identity` signed the payload, false if a well-formed signature was made by somebody else. Throws
   * SignatureSchemeError where identity or signature have a form that no key could have made, and
   * VerifierUnavailableError if it cannot tell now.
   */
  verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
}

/**
 * A signature scheme could not look at a signature, for instance since what it verifies with is not running. Not a
 * ConsensusError: nothing is wrong with the vote, and it can be tried again.
 */
export class VerifierUnavailableError extends Error {
  readonly name = 'VerifierUnavailableError'
}

/**
 * Asks a scheme whether an identity has signed a payload. A promise only where the scheme gives one: waiting for nothing would
 * cost each vote a turn of the event loop's queue.
 *
 * @throws {SignatureSchemeError} if no key could have made the signature
 * @throws {VerifierUnavailableError} for everything else that a scheme throws or returns: it says nothing about the signature,
 * and the sender of the signature is not to blame
 */
export function hasSigned (scheme: SignatureScheme, identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean | Promise<boolean> {
  try {
    const verdict = scheme.verify(identity, payload, signature)

    return typeof verdict === 'boolean' ? verdict : awaitVerdict(verdict)
  } catch (err) {
    throw schemeError(err)
  }
}

async function awaitVerdict (promise: Promise<boolean>): Promise<boolean> {
  let verdict: unknown

  try {
    verdict = await promise
  } catch (err) {
    throw schemeError(err)
  }

  // a scheme written in JavaScript may return anything
  if (typeof verdict !== 'boolean') {
    throw new VerifierUnavailableError(`The signature could not be checked: verify must return true or false, got ${show(verdict)}`)
  }

  return verdict
}

function schemeError (err: any): unknown {
  return err instanceof SignatureSchemeError || err instanceof VerifierUnavailableError
    ? err
    : new VerifierUnavailableError(`The signature could not be checked: ${err?.message ?? err}`, { cause: err })
}
