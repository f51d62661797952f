import { useState } from 'preact/hooks'
import { count } from '../format.ts'
import { concerns, useResource } from '../hooks.ts'
import { client } from '../node.ts'
import { useOwnVotes } from '../own-votes.ts'
import { Alarms } from '../parts/alarms.tsx'
import { Failure, Loading, Notice } from '../parts/notice.tsx'
import { ProposalRow } from '../parts/proposal-row.tsx'
import { ScopeHead } from '../parts/scope-head.tsx'
import { toHistory } from '../route.ts'
import type { Page, ProposalSummary, ScopeInfo, StatusInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

/** Rows of a scope that are shown unasked */
const SHOWN = 20

/** Proposals that are looked at: as many as one page can have */
const LOOKED_AT = 100

/** How many of those that have ended are shown */
const ENDED = 5

/** What is being decided, scope by scope */
export function Overview ({ status }: { status: StatusInfo }): JSX.Element {
  return (
    <>
      <h1>What is being decided</h1>
      <Alarms {...status} />
      {status.scopes.length === 0 && (
        <Notice title='This node is in no scope yet'>
          A scope is a group of voters and the rules they decide by. Join one with <code>libp2p-voting scope add NAME</code>, or with the policy file that its members share.
        </Notice>
      )}
      {status.scopes.map(scope => <Scope key={scope.name} scope={scope} voter={status.voter} />)}
    </>
  )
}

function Scope ({ scope, voter }: { scope: ScopeInfo, voter: string }): JSX.Element {
  const { data, error } = useResource(`overview ${scope.name}`, async signal => read(scope.name, signal), {
    changedBy: event => concerns(event, scope.name)
  })

  return (
    <section class='card' aria-labelledby={`scope-${scope.name}`}>
      <ScopeHead scope={scope} />
      <Failure error={error} />
      {data == null && error == null && <Loading />}
      {data != null && <Active scope={scope} voter={voter} page={data.active} />}
      {data != null && data.ended.length > 0 && (
        <>
          <h3>Lately ended</h3>
          <ul class='rows'>
            {data.ended.map(proposal => <ProposalRow key={proposal.proposalId} proposal={proposal} />)}
          </ul>
        </>
      )}
      {data != null && <p class='more'><a href={toHistory({ scope: scope.name })}>History<span class='hidden'> of {scope.name}</span></a></p>}
    </section>
  )
}

function Active ({ scope, voter, page: { items, cursor } }: { scope: ScopeInfo, voter: string, page: Page<ProposalSummary> }): JSX.Element {
  const [all, setAll] = useState(false)
  const sorted = items.toSorted((one, other) => one.deadline - other.deadline)
  const shown = all ? sorted : sorted.slice(0, SHOWN)
  const asked = scope.mayVote
  const own = useOwnVotes(scope.name, asked ? shown.map(({ proposalId }) => proposalId) : [], voter)

  if (items.length === 0) {
    return <p class='empty'>Nothing is being decided here at the moment.</p>
  }

  return (
    <>
      <ul class='rows'>
        {shown.map(proposal => <ProposalRow key={proposal.proposalId} proposal={proposal} own={asked ? own(proposal.proposalId) : undefined} />)}
      </ul>
      {shown.length < items.length && <p><button type='button' onClick={() => { setAll(true) }}>Show {count(items.length - shown.length, 'more proposal')}</button></p>}
      {cursor != null && <p class='muted'>These are the {items.length} newest. <a href={toHistory({ scope: scope.name, state: 'active' })}>All that are active</a></p>}
    </>
  )
}

async function read (scope: string, signal: AbortSignal): Promise<{ active: Page<ProposalSummary>, ended: ProposalSummary[] }> {
  const [active, newest] = await Promise.all([
    client.proposals(scope, { state: 'active', order: 'newest', limit: LOOKED_AT, signal }),
    client.proposals(scope, { order: 'newest', limit: LOOKED_AT, signal })
  ])

  return { active, ended: newest.items.filter(({ state }) => state !== 'active').slice(0, ENDED) }
}
