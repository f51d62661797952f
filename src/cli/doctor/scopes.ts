/**
 * Whether the members of the node's scopes are there, under the same policy.
 */

import { count } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'

export async function checkScopes ({ status }: Subject): Promise<Finding[]> {
  return (status?.scopes ?? []).flatMap(({ name, digest, open, policy, peers, otherPolicies }): Finding[] => {
    const alone = policy.voters?.length === 1

    return [
      ...otherPolicies.map(({ peer, digest: other }) => problem('policy', `peer ${peer} is in scope ${name} under another policy, ${other.slice(0, 16)}…, while this node's is ${digest.slice(0, 16)}…: neither hears the other's votes`, `Compare the policy files: "libp2p-voting scope show ${name}" prints the digest, which must be the same at all members`)),
      peers.length === 0 && !alone
        ? warning('members', `no other member of scope ${name} is here`, 'Are the others running, in the scope, and under this policy?')
        : ok('members', `${count(peers.length, 'other node')} in scope ${name}${otherPolicies.length === 0 ? ', all that are known under the same policy' : ''}`),
      ...open ? [warning('policy', `scope ${name} is open: anyone may vote`, 'Use it to try things only. "libp2p-voting init" writes the policy of a scope with voters')] : []
    ]
  })
}
