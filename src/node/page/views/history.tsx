import { useEffect, useState } from 'preact/hooks'
import { concerns, useResource } from '../hooks.ts'
import { client } from '../node.ts'
import { Field } from '../parts/field.tsx'
import { Failure, Notice } from '../parts/notice.tsx'
import { ProposalRow } from '../parts/proposal-row.tsx'
import { toHistory } from '../route.ts'
import { readPage } from '../search.ts'
import type { ProposalStateName, ScopeInfo, StatusInfo } from '../../../client/types.ts'
import type { HistoryQuery } from '../route.ts'
import type { JSX } from 'preact'

const PAGE = 25

const STATES: Array<[ProposalStateName | '', string]> = [['', 'Any state'], ['active', 'Active'], ['reached', 'Decided'], ['failed', 'No result'], ['conflict', 'Conflict']]

/** All proposals of a scope, page by page or by search */
export function History ({ status, ...query }: { status: StatusInfo } & HistoryQuery): JSX.Element {
  const scope = status.scopes.find(({ name }) => name === query.scope) ?? status.scopes[0]
  const { state } = query
  const search = query.search?.trim() ?? ''

  return (
    <>
      <h1>History</h1>
      {scope == null && <Notice title='This node is in no scope yet' />}
      {scope != null && (
        <section class='card' aria-label='Proposals'>
          <Filter scopes={status.scopes} query={{ scope: scope.name, state, search }} />
          <Pages key={`${scope.name} ${state} ${search}`} scope={scope} state={state} search={search === '' ? undefined : search} />
        </section>
      )}
    </>
  )
}

function Filter ({ scopes, query }: { scopes: ScopeInfo[], query: HistoryQuery }): JSX.Element {
  const [search, setSearch] = useState(query.search ?? '')
  const go = (change: HistoryQuery): void => { location.hash = toHistory({ ...query, ...change }) }

  useEffect(() => { setSearch(query.search ?? '') }, [query.search])

  return (
    <form
      class='filter'
      role='search'
      onSubmit={event => {
        event.preventDefault()
        go({ search })
      }}
    >
      <Field id='filter-scope' label='Scope'>
        {wiring => <select {...wiring} value={query.scope} onChange={({ currentTarget }) => { go({ scope: currentTarget.value }) }}>{scopes.map(({ name }) => <option key={name} value={name}>{name}</option>)}</select>}
      </Field>
      <Field id='filter-state' label='State'>
        {wiring => <select {...wiring} value={query.state ?? ''} onChange={({ currentTarget }) => { go({ state: currentTarget.value === '' ? undefined : currentTarget.value as ProposalStateName }) }}>{STATES.map(([state, label]) => <option key={state} value={state}>{label}</option>)}</select>}
      </Field>
      <Field id='filter-search' label='Words, id, fingerprint or proposer'>
        {wiring => <input {...wiring} type='search' autocomplete='off' value={search} onInput={({ currentTarget }) => { setSearch(currentTarget.value) }} />}
      </Field>
      <button type='submit'>Search</button>
    </form>
  )
}

/** A page, newest first. Cursors lead on; those that led here lead back. */
function Pages ({ scope, state, search }: { scope: ScopeInfo, state?: ProposalStateName, search?: string }): JSX.Element {
  const [cursors, setCursors] = useState<string[]>([])
  const cursor = cursors[cursors.length - 1]
  const { data, error } = useResource(`history ${scope.name} ${state} ${cursor} ${search}`, async signal => readPage(client, scope.name, { state, search, order: 'newest', limit: PAGE, cursor, signal }), {
    changedBy: event => concerns(event, scope.name)
  })

  return (
    <>
      <Failure error={error} />
      <p class='muted' role='status'>{data == null && error == null && 'Looking…'}{data?.items.length === 0 && 'There is nothing here that is asked for.'}</p>
      {data != null && <ul class='rows'>{data.items.map(proposal => <ProposalRow key={proposal.proposalId} proposal={proposal} />)}</ul>}
      <nav class='pager' aria-label='Pages'>
        <button type='button' disabled={cursors.length === 0} onClick={() => { setCursors(cursors => cursors.slice(0, -1)) }}>Newer</button>
        <span class='muted'>Page {cursors.length + 1}</span>
        <button type='button' disabled={data?.cursor == null} onClick={() => { setCursors([...cursors, data?.cursor ?? '']) }}>Older</button>
      </nav>
    </>
  )
}
