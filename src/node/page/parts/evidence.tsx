import { useState } from 'preact/hooks'
import { voterNames } from '../../../consensus/policy/voter-names.ts'
import { concerns, useResource } from '../hooks.ts'
import { client } from '../node.ts'
import { evidenceName, readEvidence } from '../proofs.ts'
import { toProposal } from '../route.ts'
import { Download } from './download.tsx'
import { Failure } from './notice.tsx'
import { Voter } from './text.tsx'
import { Moment } from './time.tsx'
import type { EvidenceInfo, ScopeInfo } from '../../../client/types.ts'
import type { NameOf } from '../../../consensus/policy/voter-names.ts'
import type { JSX } from 'preact'

/** Rows that are shown unasked, and with every click */
const SHOWN = 20

export interface EvidenceProps {
  scope: ScopeInfo
  /** Only on this proposal */
  proposalId?: number
}

/** Who has voted both ways, with both votes, and the files that prove it */
export function Evidence ({ scope: { name: scope, policy }, proposalId }: EvidenceProps): JSX.Element {
  const nameOf = voterNames(policy)
  const [limit, setLimit] = useState(SHOWN)
  const { data, error } = useResource(`evidence ${scope} ${proposalId} ${limit}`, async signal => readEvidence(client, { scope, proposalId, limit, signal }), {
    changedBy: event => event.type === 'evidence' && concerns(event, scope, proposalId)
  })

  return (
    <>
      <Failure error={error} />
      {data?.items.length === 0 && <p class='muted'>Nobody has voted both yes and no.</p>}
      {data != null && data.items.length > 0 && (
        <table>
          <thead><tr><th scope='col'>Voted both yes and no</th><th scope='col'>Votes, by the voter’s clock</th><th scope='col'>Evidence</th></tr></thead>
          <tbody>{data.items.map(item => <EvidenceRow key={`${item.proposalId} ${item.voter}`} evidence={item} nameOf={nameOf} linked={proposalId == null} />)}</tbody>
        </table>
      )}
      {data?.more === true && <p><button type='button' onClick={() => { setLimit(limit + SHOWN) }}>Show more</button></p>}
    </>
  )
}

function EvidenceRow ({ evidence, nameOf, linked }: { evidence: EvidenceInfo, nameOf: NameOf, linked: boolean }): JSX.Element {
  const { scope, proposalId, voter, votes } = evidence

  return (
    <tr>
      <th scope='row'><Voter address={voter} nameOf={nameOf} />{linked && <div class='small'>on <a href={toProposal(scope, proposalId)}>#{proposalId}</a></div>}</th>
      <td>{votes.map(({ choice, timestamp }) => <div key={choice}>{choice} <Moment at={timestamp} /></div>)}</td>
      <td><Download name={evidenceName(evidence)} about={`of the evidence against ${voter}`} load={async () => client.evidenceProof(scope, proposalId, voter)}>Download</Download></td>
    </tr>
  )
}
