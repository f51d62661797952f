import { useEffect, useRef } from 'preact/hooks'
import { ApiProblemError } from '../../client/errors.ts'
import { count, formatTime } from './format.ts'
import { useConnection, useRoute, useStatus } from './hooks.ts'
import { Announcer } from './parts/announcer.tsx'
import { Failure, Loading, Notice } from './parts/notice.tsx'
import { Stranger } from './parts/text.tsx'
import { History } from './views/history.tsx'
import { NodeView } from './views/node.tsx'
import { Overview } from './views/overview.tsx'
import { ProposalView } from './views/proposal.tsx'
import { Propose } from './views/propose.tsx'
import type { Connection } from './feed.ts'
import type { Resource } from './hooks.ts'
import type { Route } from './route.ts'
import type { StatusInfo } from '../../client/types.ts'
import type { JSX } from 'preact'

const LINKS: Array<[view: Route['view'], href: string, label: string]> = [
  ['overview', '#/', 'Decisions'],
  ['history', '#/history', 'History'],
  ['node', '#/node', 'Node'],
  ['propose', '#/propose', 'Propose']
]

export function App (): JSX.Element {
  const route = useRoute()
  const status = useStatus()
  const connection = useConnection()
  const main = useRef<HTMLElement>(null)
  const place = 'proposalId' in route ? `${route.scope} ${route.proposalId}` : route.view

  useTitle(route)
  useFocusOnMove(main, place)

  return (
    <>
      <a class='skip' href='#main' onClick={event => { skip(event, main.current) }}>To the content</a>
      <header class='top'>
        <a class='brand' href='#/'><Mark />Voting</a>
        <nav aria-label='Views'>
          {LINKS.map(([view, href, label]) => <a key={view} href={href} aria-current={view === route.view ? 'page' : undefined}>{label}</a>)}
        </nav>
        <Health connection={connection} status={status.data} />
      </header>
      <Banners connection={connection} status={status} />
      <main id='main' ref={main} tabIndex={-1} aria-label={LINKS.find(([view]) => view === route.view)?.[2] ?? 'Proposal'}>
        <Failure error={status.error} />
        {status.data == null
          ? (status.error == null && connection !== 'refused' && <Loading />)
          : <View key={place} route={route} status={status.data} />}
      </main>
      <Announcer />
    </>
  )
}

function View ({ route, status }: { route: Route, status: StatusInfo }): JSX.Element {
  switch (route.view) {
    case 'overview': return <Overview status={status} />
    case 'proposal': return <ProposalView status={status} scope={route.scope} proposalId={route.proposalId} />
    case 'propose': return <Propose status={status} scope={route.scope} />
    case 'history': return <History status={status} scope={route.scope} state={route.state} search={route.search} />
    case 'node': return <NodeView status={status} />
    default: return <><h1>There is no such page</h1><p><Stranger text={route.path} /> leads nowhere. <a href='#/'>Decisions</a></p></>
  }
}

/** What has to be known before anything on the page is believed */
function Banners ({ connection, status: { data, error } }: { connection: Connection, status: Resource<StatusInfo> }): JSX.Element {
  const refused = connection === 'refused' || (error instanceof ApiProblemError && error.status === 401)
  const away = !refused && (connection === 'away' || error?.name === 'TimeoutError')

  return (
    <div class='banners' role='status'>
      {refused && <Notice tone='alarm' title='This browser may not use the node any more'>Get a new link with <code>libp2p-voting open</code>. This page goes on as soon as that was opened.</Notice>}
      {away && <Notice tone='alarm' title='The node does not answer'>What you see is as of the last time it did. This page goes on as soon as the node is back.</Notice>}
      {connection === 'mute' && <Notice tone='warning' title='The node sends no news'>It answers, so reloading the page shows how things stand. Perhaps too many pages are open.</Notice>}
      {data?.storage.writable === false && <Notice tone='alarm' title='The node cannot store, and takes no votes and proposals'><Stranger text={data.storage.reason ?? ''} /></Notice>}
      {data?.locks.usable === false && <Notice tone='alarm' title='The node signs nothing: its vote locks cannot be used'><Stranger text={data.locks.problem ?? ''} /></Notice>}
      {data?.locks.restoredAt != null && <Notice tone='warning' title='This node was restored'>At {formatTime(data.locks.restoredAt)} it found that its key, its vote locks or all of it were put back from an older copy, or are in use elsewhere. On proposals from before it votes once it has asked the members of a quorum.</Notice>}
    </div>
  )
}

function Health ({ connection, status }: { connection: Connection, status?: StatusInfo }): JSX.Element {
  const words = { connecting: 'Connecting', live: 'Live', away: 'Node away', refused: 'No access', mute: 'No news' }[connection]

  return (
    <a class={`health ${connection}`} href='#/node'>
      <span class='dot' aria-hidden='true' />{words}{status != null && connection === 'live' && <span>, {count(status.peers, 'peer')}</span>}
    </a>
  )
}

function Mark (): JSX.Element {
  return (
    <svg viewBox='0 0 16 16' width='24' height='24' aria-hidden='true'>
      <path d='M2.5 5.5h7.5M2.5 10.5h4' stroke='currentColor' stroke-width='2.5' stroke-linecap='round' />
      <path d='M12.5 2.5v11' stroke='currentColor' stroke-width='1.5' stroke-linecap='round' />
    </svg>
  )
}

function useTitle (route: Route): void {
  const title = 'proposalId' in route ? `Proposal ${route.proposalId} in ${route.scope}` : LINKS.find(([view]) => view === route.view)?.[2] ?? 'Not found'

  useEffect(() => { document.title = `${title} · Voting` }, [title])
}

/** Moving to another view moves the focus there, as loading a page would */
function useFocusOnMove (main: { current: HTMLElement | null }, place: string): void {
  const before = useRef(place)

  useEffect(() => {
    if (before.current !== place) {
      before.current = place
      main.current?.focus({ preventScroll: true })
      window.scrollTo(0, 0)
    }
  }, [place])
}

/** The fragment says which view is shown, so a link cannot use it to move the focus */
function skip (event: Event, main: HTMLElement | null): void {
  event.preventDefault()
  main?.focus()
}
