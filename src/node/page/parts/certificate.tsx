import { client } from '../node.ts'
import { certificateName } from '../proofs.ts'
import { Download } from './download.tsx'
import type { ProposalInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

/** What proves a result to those who were not there */
export function Certificate ({ proposal }: { proposal: ProposalInfo }): JSX.Element | null {
  const { scope, proposalId, state, quorum, open } = proposal

  if (state !== 'reached' || quorum == null || open) {
    return null
  }

  return (
    <div class='certificate'>
      <Download name={certificateName(proposal)} load={async () => client.certificate(scope, proposalId)}>Download the certificate</Download>
      <span class='muted'>The proposal and the signed votes of a quorum: anyone who has the policy’s digest can check it.</span>
    </div>
  )
}
