import { client } from '../node.ts'
import { certificateName, statementName } from '../proofs.ts'
import { Download } from './download.tsx'
import type { ProposalInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

/** What shows a result to those who were not there: a proof where there is one */
export function Certificate ({ proposal }: { proposal: ProposalInfo }): JSX.Element | null {
  const { state, grade, open, votesPruned } = proposal

  if (state !== 'reached' || open) {
    return null
  }

  if (grade === 'timeout') {
    return votesPruned ? null : <Statement proposal={proposal} />
  }

  return grade == null ? null : <Proof proposal={proposal} />
}

function Proof ({ proposal }: { proposal: ProposalInfo }): JSX.Element {
  const { scope, proposalId } = proposal

  return (
    <div class='certificate'>
      <Download name={certificateName(proposal)} load={async () => client.certificate(scope, proposalId)}>Download the certificate</Download>
      <span class='muted'>The proposal and the signed votes of a quorum: anyone who has the policy’s digest can check it.</span>
    </div>
  )
}

function Statement ({ proposal }: { proposal: ProposalInfo }): JSX.Element {
  const { scope, proposalId } = proposal
  const load = async (): Promise<Uint8Array> => new TextEncoder().encode(JSON.stringify(await client.statement(scope, proposalId), null, 2))

  return (
    <div class='certificate'>
      <Download name={statementName(proposal)} load={load}>Download a statement</Download>
      <span class='muted'>The proposal and all votes that this node has seen: nobody can prove that there were no others.</span>
    </div>
  )
}
