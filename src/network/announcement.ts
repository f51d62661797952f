/**
 * Who has made a proposal: its owner signs the announcement.
 */

import { ConsensusError } from '../consensus/errors.ts'
import { announcementDigest } from '../consensus/policy.ts'
import type { Announcement } from './gossip.ts'
import type { ScopePolicy } from '../consensus/policy.ts'
import type { SignatureScheme } from '../consensus/signing.ts'

/** Whether an announcement is signed by the owner of its proposal, as far as the policy asks for it: in open `reference` and `legacy` scopes it need not be */
export async function isSigned (scheme: SignatureScheme, { policy, digest }: { policy: ScopePolicy, digest?: Uint8Array }, { proposal, signature }: Announcement): Promise<boolean> {
  if (signature.byteLength === 0) {
    return policy.voters == null && policy.decisionRule !== 'quorum'
  }

  try {
    return await scheme.verify(proposal.proposalOwner, announcementDigest(policy, proposal, digest), signature)
  } catch (err) {
    if (err instanceof ConsensusError) {
      return false
    }

    throw err
  }
}
