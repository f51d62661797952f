/**
 * Where we are, in the fragment of the address: the server knows one page.
 */

import type { ProposalStateName } from '../../client/types.ts'

export interface HistoryQuery {
  scope?: string
  state?: ProposalStateName
  search?: string
}

export type Route =
  | { view: 'overview' }
  | { view: 'proposal', scope: string, proposalId: number }
  | { view: 'propose', scope?: string }
  | { view: 'history' } & HistoryQuery
  | { view: 'node' }
  | { view: 'unknown', path: string }

const STATES: readonly string[] = ['active', 'reached', 'failed', 'conflict'] satisfies ProposalStateName[]

export function parseRoute (hash: string): Route {
  const [path, query] = hash.replace(/^#/, '').split('?')
  const parameters = new URLSearchParams(query)
  const scope = parameters.get('scope') ?? undefined
  const [, ofProposal, proposalId] = /^\/scopes\/([a-z0-9._-]+)\/proposals\/(\d{1,10})$/.exec(path) ?? []

  if (ofProposal != null) {
    return { view: 'proposal', scope: ofProposal, proposalId: Number(proposalId) }
  }

  switch (path) {
    case '':
    case '/': return { view: 'overview' }
    case '/propose': return { view: 'propose', scope }
    case '/node': return { view: 'node' }
    case '/history': return { view: 'history', scope, state: toState(parameters.get('state')), search: parameters.get('search') ?? undefined }
    default: return { view: 'unknown', path }
  }
}

export function toProposal (scope: string, proposalId: number): string {
  return `#/scopes/${scope}/proposals/${proposalId}`
}

export function toPropose (scope: string): string {
  return `#/propose?${new URLSearchParams({ scope })}`
}

export function toHistory ({ scope, state, search }: HistoryQuery): string {
  const parameters = new URLSearchParams(Object.entries({ scope, state, search }).filter((entry): entry is [string, string] => entry[1] != null && entry[1] !== ''))

  return `#/history${parameters.size === 0 ? '' : `?${parameters}`}`
}

function toState (text: string | null): ProposalStateName | undefined {
  return text != null && STATES.includes(text) ? text as ProposalStateName : undefined
}
