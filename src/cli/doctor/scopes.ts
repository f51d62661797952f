/**
 * Whether the members of the node's scopes are there, under the same policy.
 */

import { count, shortDigest } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'
import type { ScopeInfo } from '../../client/index.ts'

export async function checkScopes ({ status }: Subject): Promise<Finding[]> {
  return (status?.scopes ?? []).flatMap((scope): Finding[] => {
    const { name, open, otherPolicies } = scope

    return [
      ...otherPolicies.map(other => validatePolicy(scope, other)),
      checkMembers(scope),
      ...open ? [warning('policy', `scope ${name} is open: anyone may vote`, 'Use it to try things only. "libp2p-voting init" writes the policy of a scope with voters')] : []
    ]
  })
}

/** Anybody can be in a scope of this name under another policy. It matters if it is a voter, and may be one while some are missing. */
function validatePolicy (scope: ScopeInfo, { peer, digest }: ScopeInfo['otherPolicies'][number]): Finding {
  const { name, open, policy: { voters }, members } = scope
  const difference = `is in scope ${name} under another policy, ${shortDigest(digest)}, while this node's is ${shortDigest(scope.digest)}: neither hears the other's votes`

  return !open && members.length >= othersOf(scope)
    ? warning('policy', `peer ${peer}, a stranger, ${difference}. The nodes of all ${voters?.length} voters are here under this one's`, 'Nothing is to be done for this scope. Its operator may have an old policy file')
    : problem('policy', `peer ${peer} ${difference}`, `Compare the policy files: "libp2p-voting scope show ${name}" prints the digest, which must be the same at all members`)
}

/** How many other voters there are */
function othersOf ({ policy: { voters }, mayVote }: Pick<ScopeInfo, 'policy' | 'mayVote'>): number {
  return (voters?.length ?? 0) - (mayVote ? 1 : 0)
}

/** A scope whose peers are all strangers looks alive, and nobody in it can be asked anything */
function checkMembers (scope: ScopeInfo): Finding {
  const { name, open, policy: { voters, decisionRule }, peers, members, otherPolicies } = scope
  const others = othersOf(scope)
  const samePolicy = otherPolicies.length === 0 ? ', all that are known under the same policy' : ''

  if (peers.length === 0 && members.length === 0 && voters?.length !== 1) {
    return warning('members', `no peer is connected in scope ${name}`, 'Are the others running, in the scope, and under this policy?')
  }

  if (open || others === 0) {
    return ok('members', `${count(peers.length, 'other node')} in scope ${name}${samePolicy}`)
  }

  if (members.length === 0) {
    return warning('members', `no member is connected in scope ${name}: ${peers.length === 1 ? 'the peer' : `the ${peers.length} peers`} there ${peers.length === 1 ? 'has' : 'have'} not proven to be a voter's, so that no peer here can be asked`, `Connect to the node of a voter${decisionRule === 'quorum' ? '' : '. Peers that run the Rust crate cannot be asked either'}. Until then votes on proposals that are older than this process need --force`)
  }

  if (members.length === 1 && others > 1) {
    return warning('members', `only 1 voter of ${others} others is connected in scope ${name}: this node hears the others through it alone, and not while it is off`, 'Start each node with --bootstrap and the addresses of all others: nodes pass on votes, and do not tell each other addresses')
  }

  return ok('members', `${count(members.length, 'voter')} of ${others} other${others === 1 ? '' : 's'} connected in scope ${name}${samePolicy}`)
}
