/**
 * What happens at a node, a line each.
 */

import color from 'picocolors'
import { count, formatChoice, formatDistance, formatDuration, formatId, formatScope, formatScopeName, formatState, formatVoter, describeCollision, quotedName, shortVoter } from '../output.ts'
import type { NodeEvent, NodeEvents } from '../../client/index.ts'
import type { NameOf } from '../../consensus/policy/voter-names.ts'

/** On one line; `brief` is for where there is little room */
export function describeEvent ({ type, data }: NodeEvent, isOpen: (scope: string) => boolean, names: (scope: string) => NameOf, brief = false): string {
  const scopeName = scopeOf(data)
  const nameOf = names(scopeName)
  const scope = scopeName === '' ? 'this node' : formatScopeName(scopeName, isOpen(scopeName))

  switch (type) {
    case 'proposal':
      return `${brief ? scope : formatScope(data.scope, data.open)}  proposal ${formatId(data)} ${quotedName(data.name)}, ends ${formatDistance(data.deadline)}`
    case 'vote':
      return brief ? `${scope}  ${formatChoice(data.choice)} on ${data.proposalId} by ${shortVoter(data.voter, nameOf)}` : `${scope}  ${formatVoter(data.voter, nameOf)} votes ${formatChoice(data.choice)} on ${data.proposalId}`
    case 'decided':
      return `${scope}  proposal ${data.proposalId} is decided: ${formatState({ ...data, isEnding: false })}`
    case 'failed':
      return `${scope}  proposal ${data.proposalId} ended without a result`
    case 'conflict':
      return `${scope}  ${color.red('conflict')} on proposal ${data.proposalId}: both sides have the votes of a quorum${formatCulprits(data.culprits, nameOf)}`
    case 'evidence':
      return `${scope}  ${color.red(`${formatVoter(data.voter, nameOf)} has voted both yes and no`)} on proposal ${data.proposalId}`
    case 'own-vote':
      return `${scope}  ${color.red('a vote of this node\'s own key came from elsewhere')}: ${formatChoice(data.choice)} on ${data.proposalId}${data.bound == null ? '' : `, where it is bound to ${formatChoice(data.bound)}`}`
    case 'auto-vote-missed':
      return `${scope}  ${color.yellow(`this node did not vote automatically on ${data.proposalId}`)}: ${data.reason}`
    case 'collision':
      return `${scope}  ${color.red('two proposals have one id')}: ${describeCollision(data, nameOf)}`
    case 'mismatch':
      return `${scope}  ${describeMismatch(data)}`
    case 'clock':
      return `${scope}  ${describeClock(data)}`
    case 'trimmed':
      return `${scope}  proposal ${data.proposalId} was dropped to make room`
    default:
      return 'reason' in data ? `${scope}  ${color.red(data.reason)}` : 'Some events were missed; see list and show'
  }
}

/** Empty where an event is about no scope */
function scopeOf (data: NodeEvent['data']): string {
  return 'scope' in data ? data.scope ?? '' : ''
}

function describeMismatch ({ peer, what }: NodeEvents['mismatch']): string {
  return what === 'format'
    ? `${color.yellow(`peer ${peer} sends what only a later version can read`)}: update this node`
    : `${color.yellow(`peer ${peer} has another ${what === 'policy' ? 'policy' : 'gossip signing policy'}`)}: neither hears the other's votes`
}

function describeClock ({ seconds, peers, isOff }: NodeEvents['clock']): string {
  return isOff
    ? color.yellow(`the clock of this node is ${formatDuration(Math.abs(seconds))} ${seconds > 0 ? 'behind' : 'ahead of'} ${count(peers, 'other member')}`)
    : 'the clock of this node agrees with those of the others again'
}

function formatCulprits (culprits: string[], nameOf: NameOf): string {
  return culprits.length === 0 ? '' : `; both ways voted ${culprits.map(voter => formatVoter(voter, nameOf)).join(', ')}`
}
