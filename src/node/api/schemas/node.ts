/**
 * The node itself, its peers and scopes
 */

import { z } from '@hono/zod-openapi'
import { policyJsonSchema } from '../../../consensus/policy/policy.ts'
import { describing, fields, pageOf } from './describe.ts'
import { alarmInfo, keyAlarmInfo, undecidedProposal } from './undecided.ts'
import { address, count, digest, peerId, proposalId, scopeName, unixSeconds } from './values.ts'
import type { ScopePolicy } from '../../../consensus/policy/policy.ts'
import type { IdInfo, JoinRequest, LocksInfo, Page, PeerInfo, ScopeInfo, ScopeSettingsRequest, StatusInfo, StorageInfo } from '../types.ts'

const identity = {
  peerId,
  voter: address.describe('The address the node votes as'),
  addresses: z.array(z.string()).describe('Where other peers reach the node: multiaddrs that end in /p2p/ and the peer id')
}

export const idInfo = describing<IdInfo>()('IdInfo', z.object(identity))

const storageInfo = describing<StorageInfo>()('StorageInfo', z.object({
  writable: z.boolean().describe('Whether votes and proposals can be stored. While they cannot, none is taken, and queries are answered'),
  since: unixSeconds.optional().describe('If not: since when'),
  reason: z.string().optional().describe('If not: why')
}))

const member = {
  peer: peerId,
  voter: address.describe('The address of the voter'),
  name: z.string().nullable().describe('What the policy calls the voter; null if it does not')
}

const locksInfo = describing<LocksInfo>()('LocksInfo', z.object({
  usable: z.boolean().describe('Whether the vote locks can be used, which keep the key from voting twice. While they cannot, the node signs nothing'),
  problem: z.string().optional().describe('If not: why'),
  restoredAt: unixSeconds.optional().describe('When the node last found that its key, its vote locks or all of it were restored from an older copy: on proposals from before it votes once it has asked the members of a quorum. Absent if it never was, or 30 days ago')
}))

export const peerInfo = describing<PeerInfo>()('PeerInfo', z.object({
  peerId,
  addresses: z.array(z.string()).describe('The other ends of its connections'),
  direction: z.enum(['inbound', 'outbound']),
  connectedAt: unixSeconds,
  scopes: z.array(scopeName).describe('Those scopes of this node that the peer is in, too'),
  voters: z.array(z.object({ scope: scopeName, ...member, counts: z.boolean().describe('Whether this is the one peer that counts for the voter; never true of the node\'s own voter') })).describe('The voters whose key the peer has proven to have, in these scopes. A peer that has proven none is a stranger'),
  votesGivenUp: z.array(z.object({ scope: scopeName, proposals: count })).describe('Of these scopes, those in which the peer keeps the votes on some proposals no longer, as it says with each sync')
}))

export const scopePolicy = describing<ScopePolicy>()('ScopePolicy', z.object({
  version: z.literal(2),
  name: scopeName,
  previous: digest.nullable().describe('The digest of the policy that this one follows; null if it follows none'),
  decisionRule: z.enum(['quorum', 'reference', 'legacy']),
  threshold: z.string().describe('Share of the voters a side needs, more than 0 and at most 1: a fraction in lowest terms like "2/3"'),
  voters: z.array(z.object({ address: z.string(), name: z.string().nullable() })).nullable().describe('Those whose votes count, by ascending lower-case address, with their names where they have one; null for anybody'),
  proposers: z.array(z.string()).nullable().describe('Addresses of those who may propose, lower-case and sorted; null for the voters'),
  onSilence: z.enum(['none', 'yes', 'no', 'liveness']).describe('What the node of a voter who has not voted votes automatically'),
  livenessCriteriaYes: z.boolean().nullable(),
  networkType: z.enum(['gossipsub', 'p2p']),
  defaultTimeoutSeconds: count,
  minLifetimeSeconds: count,
  clockSkewSeconds: count,
  graceSeconds: count
}))

/** How the node's clock compares with those of others */
export const clockOffset = z.object({
  seconds: z.int().describe('Seconds that the clocks of the others are ahead of the node\'s; less than 0 if its own is ahead'),
  peers: count.describe('How many members that is the median of'),
  isOff: z.boolean().describe('Whether it is more than the policy\'s clockSkewSeconds')
})

export const scopeInfo = describing<ScopeInfo>()('ScopeInfo', z.object({
  name: scopeName,
  digest: digest.describe('SHA-256 of the canonical policy, 64 hex digits: equal at all members'),
  topic: z.string().describe('The gossipsub topic'),
  open: z.boolean().describe('Whether anybody may vote, since the policy names no voters'),
  mayVote: z.boolean().describe('Whether the node\'s key may vote in it'),
  mayPropose: z.boolean().describe('Whether the node\'s key may propose in it'),
  policy: scopePolicy,
  retainVotesSeconds: z.int().nullable().describe('Seconds after a proposal\'s expiration at which this node gives up its votes; null to keep them for ever'),
  peers: z.array(peerId).describe('Those in the scope that this node knows of, members and strangers'),
  members: z.array(z.object(member)).describe('The other voters\' nodes that are connected, one for each voter, as they have proven. None in open scopes'),
  noneToAsk: z.boolean().describe('Whether peers are there under the crate\'s rules, and none of them can be asked what was missed'),
  otherPolicies: z.array(z.object({ peer: peerId, digest: z.string() })).describe('Peers that are in a scope of this name under another policy, by its digest'),
  otherSigning: z.array(z.object({ peer: peerId, signing: z.string() })).describe('Members that sign their gossip in another way: votes of theirs come by sync only'),
  missedAutoVotes: z.array(z.object({ proposalId, name: z.string(), reason: z.string().describe('In words') })).describe('The latest automatic votes that were due and could not be cast, also before a restart, at most 20'),
  clockOffset: clockOffset.nullable().describe('How the node\'s clock compares with those of the connected members; null while none has told its time')
}))

export const peerPage = describing<Page<PeerInfo>>()('PeerPage', pageOf(peerInfo))
export const scopePage = describing<Page<ScopeInfo>>()('ScopePage', pageOf(scopeInfo))

export const statusInfo = describing<StatusInfo>()('StatusInfo', z.object({
  ...identity,
  version: z.string(),
  pid: z.int(),
  dataDirectory: z.string(),
  startedAt: unixSeconds,
  uptimeSeconds: count,
  peers: count.describe('How many peers are connected'),
  bootstrap: z.array(z.object({ address: z.string(), connected: z.boolean() })).describe('Addresses the node was told to join by, and whether a peer is connected there now'),
  storage: storageInfo,
  locks: locksInfo,
  scopes: z.array(scopeInfo),
  undecided: z.object({ total: count, items: z.array(undecidedProposal) })
    .describe('The proposals that have not ended, in all scopes: how many there are, and why some of them are not decided yet'),
  alarms: z.array(alarmInfo).describe('What somebody has to look into, of each scope the latest; still there after a restart'),
  keyAlarms: z.array(keyAlarmInfo).describe('Other nodes that have this node\'s voter key or its peer key, as they have proven since it started'),
  newerFormats: z.array(z.object({ peer: peerId, scope: scopeName.optional(), since: unixSeconds })).describe('Peers that have sent what only a later version can read since the node started: update the node')
}))

/** What a policy may hold is said once, and checked by the service, which names every field that is wrong */
const policyInput = z.custom<NonNullable<JoinRequest['policy']>>(value => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be a policy, an object')
  .openapi('ScopePolicyInput', policyFileSchema())

/** As the document takes it, which says for all of its schemas which JSON Schema they are */
function policyFileSchema (): object {
  return Object.fromEntries(Object.entries(policyJsonSchema()).filter(([key]) => key !== '$schema'))
}

export const joinRequest = describing<JoinRequest>()('JoinRequest', fields({
  name: z.string('must be the name of an open scope').optional().describe('Of an open scope, under the default policy'),
  policy: policyInput.optional()
}).refine(({ name, policy }) => (name == null) !== (policy == null), 'must have either a name or a policy')
  .openapi({ oneOf: [{ required: ['name'] }, { required: ['policy'] }] }))

export const scopeSettingsRequest = describing<ScopeSettingsRequest>()('ScopeSettingsRequest', fields({
  retainVotesSeconds: z.number('must be a number of seconds, or null').nullable()
    .openapi({ description: 'Whole seconds after a proposal\'s expiration at which its votes are given up; null to keep them for ever', type: ['integer', 'null'], minimum: 0 })
}))

export const scopeParams = z.object({
  scope: scopeName.openapi({ param: { name: 'scope', in: 'path' } })
})
