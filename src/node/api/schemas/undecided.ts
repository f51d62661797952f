/**
 * Why proposals have no result, and what somebody has to look into
 */

import { z } from '@hono/zod-openapi'
import { describing } from './describe.ts'
import { address, fingerprint, peerId, proposalId, scopeName, unixSeconds } from './values.ts'
import type { AlarmInfo, KeyAlarmInfo, UndecidedInfo, UndecidedProposal } from '../types.ts'

const undecided = {
  reason: z.string().describe('In words: which votes are missing, whether a peer is waited for, whether late votes may still decide it'),
  missing: z.object({ yes: z.int(), no: z.int() }).optional()
    .describe('How many more votes for a side decide it; more than there are voters left where the side cannot get there any more'),
  endsAt: unixSeconds.optional().describe('When it ends if no vote decides it before; only while it has not ended')
}

const proposal = { scope: scopeName, proposalId, name: z.string() }

export const undecidedInfo = describing<UndecidedInfo>()('UndecidedInfo', z.object(undecided))

export const undecidedProposal = describing<UndecidedProposal>()('UndecidedProposal', z.object({ ...proposal, deadline: unixSeconds.describe('From then on no vote is taken, Unix seconds'), ...undecided }))

export const alarmInfo = describing<AlarmInfo>()('AlarmInfo', z.object({
  ...proposal,
  fingerprint,
  proposer: address,
  kind: z.enum(['conflict', 'contradicted', 'collision']).describe('Whether there is no result, or one that other members may have the opposite of, or other members may hold another proposal'),
  reason: z.string().describe('In words'),
  culprits: z.array(address).describe('Who has voted both yes and no, as far as it is known here'),
  refused: z.object({ fingerprint, name: z.string(), proposer: address }).optional().describe('The proposal with this id that the node has refused; present if and only if the kind is collision')
}))

export const keyAlarmInfo = describing<KeyAlarmInfo>()('KeyAlarmInfo', z.object({
  kind: z.enum(['voter', 'peer']).describe('Which key of this node another node has: the one of the voter, or the one of the peer id'),
  scope: scopeName.optional().describe('Where the other node has proven it; absent if it was a connection that proved it'),
  peer: peerId.describe('Of the other node: this node\'s own where the kind is peer'),
  address: z.string().optional().describe('Where the other node is, a multiaddr; absent if other members have passed on what it proves'),
  since: unixSeconds,
  reason: z.string().describe('In words')
}))
