/**
 * What the parts of the page are made from: what the node knows, where we are, and the time.
 */

import { useEffect, useRef, useState } from 'preact/hooks'
import { Loader } from './loader.ts'
import { client, feed, notes } from './node.ts'
import { parseRoute } from './route.ts'
import type { Connection } from './feed.ts'
import type { Note } from './notes.ts'
import type { Route } from './route.ts'
import type { NodeEvent, ProposalInfo, StatusInfo } from '../../client/types.ts'

const second = 1_000

/** Milliseconds between two looks at what the node sends no events about */
const POLL = 5 * second

/** Events after which an alarm may be another, or who is in a scope with us */
const CHANGE_STATUS: Array<NodeEvent['type']> = ['conflict', 'evidence', 'collision', 'mismatch', 'clock']

export interface Resource<T> {
  /** As of the last time it could be read */
  data?: T
  error?: Error
  reload (): void
}

export interface ResourceOptions {
  /** Whether an event may have changed it */
  changedBy? (event: NodeEvent): boolean
  /** Milliseconds after which it is read again in any case */
  every?: number
}

/**
 * Something of the node's, read again when it may have changed
 *
 * @param key - what it depends on; with another one it is another thing
 */
export function useResource <T> (key: string, load: (signal: AbortSignal) => Promise<T>, options: ResourceOptions = {}): Resource<T> {
  const [state, setState] = useState<{ key: string, data?: T, error?: Error }>({ key })
  const loader = useRef<Loader>(null)
  const latest = useRef({ load, ...options })

  latest.current = { load, ...options }

  useEffect(() => {
    const mine = new Loader(async signal => {
      await feed.ready

      try {
        const data = await latest.current.load(signal)

        if (!signal.aborted) {
          setState({ key, data })
        }
      } catch (err: any) {
        if (!signal.aborted) {
          setState(state => ({ key, data: state.key === key ? state.data : undefined, error: err }))
        }
      }
    })
    const unlisten = feed.listen(event => {
      if (event.type === 'reset' || latest.current.changedBy?.(event) === true) {
        mine.request()
      }
    })
    const { every } = latest.current
    const timer = every == null
      ? undefined
      : setInterval(() => {
        if (!document.hidden) {
          mine.request()
        }
      }, every)

    loader.current = mine
    mine.request()

    return () => {
      unlisten()
      clearInterval(timer)
      mine.stop()
    }
  }, [key])

  return { ...(state.key === key ? { data: state.data, error: state.error } : {}), reload: () => { loader.current?.request() } }
}

/** Who the node is, how it is, and its scopes */
export function useStatus (): Resource<StatusInfo> {
  return useResource('status', async signal => client.status({ signal: AbortSignal.any([signal, AbortSignal.timeout(2 * POLL)]) }), {
    changedBy: ({ type }) => CHANGE_STATUS.includes(type),
    every: POLL
  })
}

export function useProposal (scope: string, proposalId: number): Resource<ProposalInfo> {
  return useResource(`proposal ${scope} ${proposalId}`, async signal => client.proposal(scope, proposalId, { signal }), {
    changedBy: event => concerns(event, scope, proposalId)
  })
}

export function concerns ({ data }: NodeEvent, scope: string, proposalId?: number): boolean {
  return 'scope' in data && data.scope === scope && (proposalId == null || ('proposalId' in data && data.proposalId === proposalId))
}

export function useConnection (): Connection {
  return useWatched(() => feed.connection, onChange => feed.watch(onChange))
}

/** What the node has told once, the latest last */
export function useNotes (): Note[] {
  return useWatched(() => notes.list, onChange => notes.watch(onChange))
}

/** A value that is somewhere else, as it is now */
function useWatched <T> (read: () => T, watch: (onChange: () => void) => () => void): T {
  const [value, setValue] = useState(read)

  useEffect(() => {
    const onChange = (): void => { setValue(read) }

    // it may have changed since this was drawn first
    onChange()

    return watch(onChange)
  }, [])

  return value
}

export function useRoute (): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))

  useEffect(() => {
    const onChange = (): void => { setRoute(parseRoute(location.hash)) }

    onChange()
    window.addEventListener('hashchange', onChange)

    return () => { window.removeEventListener('hashchange', onChange) }
  }, [])

  return route
}

/** Those who show the time, with one timer for all of them */
const clocks = new Set<(now: number) => void>()
let ticking: ReturnType<typeof setInterval> | undefined

/** Unix seconds, anew every second */
export function useNow (): number {
  const [now, setNow] = useState(() => Date.now() / second)

  useEffect(() => {
    clocks.add(setNow)
    ticking ??= setInterval(() => { clocks.forEach(set => { set(Date.now() / second) }) }, second)

    return () => {
      clocks.delete(setNow)

      if (clocks.size === 0) {
        clearInterval(ticking)
        ticking = undefined
      }
    }
  }, [])

  return now
}
