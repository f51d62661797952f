/**
 * What happens at a node, a line each.
 */

import color from 'picocolors'
import { formatChoice, formatDistance, formatId, formatScope, formatScopeName, formatState, formatVoter, describeCollision, quotedName, shortVoter } from '../output.ts'
import type { NodeEvent } from '../../client/index.ts'
import type { NameOf } from '../../consensus/voter-names.ts'

/** On one line; `brief` is for where there is little room */
export function describeEvent ({ type, data }: NodeEvent, isOpen: (scope: string) => boolean, names: (scope: string) => NameOf, brief = false): string {
  const scopeName = 'scope' in data ? data.scope ?? '' : ''
  const nameOf = names(scopeName)
  const scope = formatScopeName(scopeName, isOpen(scopeName))

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
      return data.what === 'format'
        ? `${scope}  ${color.yellow(`peer ${data.peer} sends messages that only a later version can read`)}: update this node`
        : `${scope}  ${color.yellow(`peer ${data.peer} has another ${data.what === 'policy' ? 'policy' : 'gossip signing policy'}`)}: neither hears the other's votes`
    case 'trimmed':
      return `${scope}  proposal ${data.proposalId} was dropped to make room`
    case 'own-key':
      return `${scopeName === '' ? 'this node' : scope}  ${color.red(data.reason)}`
    default:
      return 'reason' in data ? `${scope}  ${color.red(data.reason)}` : 'Some events were missed; see list and show'
  }
}

function formatCulprits (culprits: string[], nameOf: NameOf): string {
  return culprits.length === 0 ? '' : `; both ways voted ${culprits.map(voter => formatVoter(voter, nameOf)).join(', ')}`
}
