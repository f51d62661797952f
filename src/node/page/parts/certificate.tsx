import { useState } from 'preact/hooks'
import { downloadCertificate } from '../proofs.ts'
import { Notice } from './notice.tsx'
import { Stranger } from './text.tsx'
import type { ProposalInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

/** What proves a result to those who were not there */
export function Certificate ({ proposal, open }: { proposal: ProposalInfo, open: boolean }): JSX.Element | null {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)

  if (proposal.state !== 'reached' || proposal.grade !== 'quorum' || open) {
    return null
  }

  const onClick = (): void => {
    setBusy(true)
    downloadCertificate(proposal.scope, proposal.proposalId).then(() => { setError(undefined) }, err => { setError(err.message) }).finally(() => { setBusy(false) })
  }

  return (
    <div class='certificate'>
      <button type='button' aria-busy={busy} onClick={onClick}>Download the certificate</button>
      <span class='muted'>The proposal and the signed votes of a quorum: anyone who has the policy’s digest can check it.</span>
      {error != null && <div role='alert'><Notice tone='alarm' title='There is no certificate to be had'><Stranger text={error} /></Notice></div>}
    </div>
  )
}
