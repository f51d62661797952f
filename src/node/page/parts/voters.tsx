import { useState } from 'preact/hooks'
import { voterNames } from '../../../consensus/policy/voter-names.ts'
import { count } from '../format.ts'
import { Chip } from './notice.tsx'
import { Voter } from './text.tsx'
import { Moment } from './time.tsx'
import type { Choice, ProposalInfo, ScopeInfo, VoteInfo } from '../../../client/types.ts'
import type { NameOf } from '../../../consensus/policy/voter-names.ts'
import type { JSX } from 'preact'

/** Rows that are shown unasked */
const SHOWN = 100

interface Row {
  voter: string
  votes: VoteInfo[]
}

/** Who has voted what and when, who voted both ways, and who has not voted */
export function Voters ({ proposal, scope, voter }: { proposal: ProposalInfo, scope: ScopeInfo, voter: string }): JSX.Element {
  const [all, setAll] = useState(false)
  const nameOf = voterNames(scope.policy)
  const rows = toRows(proposal.votes, scope.policy.voters?.map(({ address }) => address) ?? null, voter)
  const shown = all ? rows : rows.slice(0, SHOWN)
  const voted = rows.filter(({ votes }) => votes.length > 0).length

  return (
    <section class='card' aria-labelledby='voters'>
      <div class='card-head'>
        <h2 id='voters'>Votes</h2>
        {!proposal.votesPruned && <span class='muted'>{voted} of {count(proposal.expectedVotersCount, 'voter')}</span>}
      </div>
      {proposal.votesPruned && <p class='empty'>Single votes are no longer kept here, as the scope’s settings say. The result and the tally are.</p>}
      {!proposal.votesPruned && rows.length === 0 && <p class='empty'>Nobody has voted yet.</p>}
      {!proposal.votesPruned && rows.length > 0 && (
        <table>
          <thead><tr><th scope='col'>Voter</th><th scope='col'>Vote</th><th scope='col'>Cast, by the voter’s clock</th></tr></thead>
          <tbody>{shown.map(row => <VoterRow key={row.voter} row={row} nameOf={nameOf} own={row.voter.toLowerCase() === voter.toLowerCase()} />)}</tbody>
        </table>
      )}
      {shown.length < rows.length && <p><button type='button' onClick={() => { setAll(true) }}>Show {count(rows.length - shown.length, 'more voter')}</button></p>}
    </section>
  )
}

function VoterRow ({ row: { voter, votes }, nameOf, own }: { row: Row, nameOf: NameOf, own: boolean }): JSX.Element {
  return (
    <tr>
      <th scope='row'><Voter address={voter} nameOf={nameOf} />{own && <> <span class='you'>you</span></>}</th>
      <td>
        {votes.length === 0 && <span class='muted'>has not voted</span>}
        {votes.length === 1 && <Side choice={votes[0].choice} />}
        {votes.length > 1 && <Chip tone='alarm'>both yes and no</Chip>}
      </td>
      <td>{votes.map(({ choice, timestamp }) => <div key={choice}>{votes.length > 1 && `${choice} `}<Moment at={timestamp} /></div>)}</td>
    </tr>
  )
}

function Side ({ choice }: { choice: Choice }): JSX.Element {
  return <Chip tone={choice}>{choice === 'yes' ? 'Yes' : 'No'}</Chip>
}

/** Those who voted both ways first, since they are what to know, then as votes arrived, then the silent */
function toRows (votes: VoteInfo[], listed: string[] | null, own: string): Row[] {
  const rows = new Map<string, Row>()

  for (const vote of votes) {
    const key = vote.voter.toLowerCase()
    const row = rows.get(key) ?? { voter: vote.voter, votes: [] }

    row.votes.push(vote)
    rows.set(key, row)
  }

  const silent = (listed ?? []).filter(address => !rows.has(address)).map(address => ({ voter: address === own.toLowerCase() ? own : address, votes: [] }))

  return [...[...rows.values()].sort((one, other) => other.votes.length - one.votes.length), ...silent]
}
