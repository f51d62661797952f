/**
 * Who has made a proposal: its owner signs the announcement.
 */

import { SignatureSchemeError } from '../errors.ts'
import { announcementDigest } from '../policy/policy.ts'
import { hasSigned } from '../signing.ts'
import type { Proposal } from './proposal.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { SignatureScheme } from '../signing.ts'

/**
 * A proposal made known, with its owner's signature over the 32 bytes of the proposal digest. Empty in open `reference` and
 * `legacy` scopes only.
 */
export interface Announcement {
  proposal: Proposal
  signature: Uint8Array
}

/** Whether an announcement is signed by the owner of its proposal, as far as the policy asks for it: in open `reference` and `legacy` scopes it need not be */
export async function isSigned (scheme: SignatureScheme, { policy, digest }: { policy: ScopePolicy, digest?: Uint8Array }, { proposal, signature }: Announcement): Promise<boolean> {
  if (signature.byteLength === 0) {
    return policy.voters == null && policy.decisionRule !== 'quorum'
  }

  try {
    return await hasSigned(scheme, proposal.proposalOwner, announcementDigest(policy, proposal, digest), signature)
  } catch (err) {
    if (err instanceof SignatureSchemeError) {
      return false
    }

    throw err
  }
}
