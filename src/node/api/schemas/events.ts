/**
 * What server-sent events hold
 */

import { z } from '@hono/zod-openapi'
import { describing } from './describe.ts'
import { clockOffset } from './node.ts'
import { proposalSummary, result, voteInfo } from './proposals.ts'
import { alarmInfo, keyAlarmInfo } from './undecided.ts'
import { address, choice, peerId, proposalId, scopeName } from './values.ts'
import type { DecisionInfo, NodeEvent, NodeEvents } from '../types.ts'

const proposal = { scope: scopeName, proposalId }

const decision = {
  ...proposal,
  state: z.enum(['reached', 'failed', 'conflict']),
  ...result
}

const decisionInfo = describing<DecisionInfo>()('DecisionInfo', z.object(decision))

const named = {
  names: z.record(z.string(), z.string()).optional().describe('What the policy of the scope calls the voters whose addresses are here, by address; absent if it calls none of them anything')
}

/** The data of each event, by its name */
const data = {
  proposal: z.object({ ...proposalSummary.shape, ...named }),
  vote: z.object({ ...proposal, ...voteInfo.shape, ...named }),
  decided: decisionInfo,
  failed: decisionInfo,
  conflict: z.object({ ...decision, culprits: z.array(address).describe('Who has voted both ways'), ...named }),
  evidence: z.object({ ...proposal, voter: address, ...named }),
  'own-vote': z.object({ ...proposal, choice, bound: choice.optional().describe('What the node was bound to before') }),
  'own-key': keyAlarmInfo,
  members: z.object({ scope: scopeName, peer: peerId, voter: address, reason: z.string(), ...named }),
  'auto-vote-missed': z.object({ ...proposal, reason: z.string().describe('In words') }),
  collision: z.object({ ...alarmInfo.shape, ...named }),
  mismatch: z.object({ scope: scopeName.optional().describe('Absent where a peer with a newer format has named none'), peer: peerId, what: z.enum(['policy', 'signing', 'format']) }),
  clock: z.object({ scope: scopeName, ...clockOffset.shape }),
  trimmed: z.object(proposal),
  reset: z.strictObject({})
} satisfies { [T in keyof NodeEvents]: z.ZodType<NodeEvents[T]> }

const events = Object.entries(data).map(([type, data]) => z.object({ id: z.string(), type: z.literal(type), data }))

/** An event as the client gives it: its id, its name and its data */
export const nodeEvent = z.union(events).openapi('NodeEvent', { description: 'An event: its id, its type and its data, which is JSON in the stream' }) as unknown as z.ZodType<NodeEvent>
