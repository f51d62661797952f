/**
 * What the core asks of a signature scheme. The core brings none of its own: the entry points pass in the Ethereum one.
 */

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
