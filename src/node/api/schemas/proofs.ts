/**
 * Certificates and evidence
 */

import { z } from '@hono/zod-openapi'
import { describing, fields, pageOf } from './describe.ts'
import { scopePolicy } from './node.ts'
import { listQuery, proposalParams, voteInfo } from './proposals.ts'
import { address, bytes, choice, count, digest, fingerprint, proposalId, scopeName, unixSeconds, voterName } from './values.ts'
import type { CertificateJson } from '../../../consensus/proofs/certificate.ts'
import type { EvidenceProofJson } from '../../../consensus/proofs/evidence-proof.ts'
import type { EvidenceInfo, ImportedProofInfo, Page } from '../types.ts'

export const evidenceInfo = describing<EvidenceInfo>()('EvidenceInfo', z.object({
  scope: scopeName,
  proposalId,
  voter: address,
  votes: z.array(voteInfo).describe('The one for yes, then the one for no')
}))

export const evidencePage = describing<Page<EvidenceInfo>>()('EvidencePage', pageOf(evidenceInfo))

export const importedProofInfo = describing<ImportedProofInfo>()('ImportedProofInfo', z.object({
  kind: z.enum(['certificate', 'evidence']),
  scope: scopeName,
  proposalId,
  isNew: z.boolean().describe('Whether something of it was not known to the node')
}))

const subject = {
  scope: scopeName,
  policyDigest: digest,
  policy: scopePolicy,
  proposalDigest: digest.describe('What the votes are bound to'),
  proposal: z.object({
    proposalId,
    fingerprint,
    name: z.string(),
    payload: bytes,
    proposer: address,
    proposerName: voterName.optional(),
    timestamp: unixSeconds,
    deadline: unixSeconds,
    expectedVotersCount: count,
    livenessCriteriaYes: z.boolean(),
    signature: bytes.describe('The proposer\'s, of the announcement')
  }),
  votes: z.array(z.object({
    voter: address,
    name: voterName.optional(),
    choice,
    timestamp: unixSeconds,
    voteId: count,
    voteHash: z.string(),
    signature: bytes
  }))
}

export const certificateJson = describing<CertificateJson>()('Certificate', z.object({
  type: z.literal('certificate'),
  ...subject,
  result: choice,
  quorum: count.describe('How many votes decide')
}))

export const evidenceProofJson = describing<EvidenceProofJson>()('EvidenceProof', z.object({
  type: z.literal('evidence'),
  ...subject,
  voter: address.describe('Who has voted both ways'),
  name: voterName.optional()
}))

/** The bytes of a file */
export const file = z.any().openapi({ type: 'string', format: 'binary' })

export const evidenceQuery = fields({
  limit: listQuery.shape.limit,
  cursor: z.string().regex(/^\d{1,10}-([0-9a-f]{2})*$/, 'must be what the page before gave').optional().openapi({ description: 'What the page before gave' }),
  proposalId: proposalParams.shape.proposalId.optional().openapi({ param: { name: 'proposalId', in: 'query' } })
})

export const voterParams = z.object({
  ...proposalParams.shape,
  voter: z.string().regex(/^0x([0-9a-fA-F]{2})*$/, 'must be an address: 0x and hex digits').openapi({ description: 'Address of a voter', param: { name: 'voter', in: 'path' } })
})
