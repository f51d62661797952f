import { Hono } from 'hono'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import * as z from 'zod'
import { certificateToJson, inspectCertificate } from '../../../consensus/certificate.ts'
import { evidenceProofToJson, inspectEvidenceProof } from '../../../consensus/evidence-proof.ts'
import { MAX_PROOF_LENGTH } from '../../../consensus/proof.ts'
import { ethereumScheme } from '../../../signers/ethereum.ts'
import { toAddress, toVoteInfo } from '../json.ts'
import { check, pageSchema, proposalIdSchema, readBytes } from '../schemas.ts'
import { toProposalId } from './proposals.ts'
import { requireScope } from './scopes.ts'
import type { EvidenceOptions, FoundEvidence, Voting } from '../../../index.ts'
import type { ApiNode } from '../app.ts'
import type { EvidenceInfo, Page } from '../types.ts'
import type { Context } from 'hono'

const BINARY = 'application/octet-stream'

const evidenceSchema = z.object({
  limit: pageSchema.shape.limit,
  cursor: z.string().regex(/^\d{1,10}-([0-9a-f]{2})*$/, 'must be what the page before gave').optional(),
  proposalId: proposalIdSchema.optional()
})

const voterSchema = z.string().regex(/^0x([0-9a-fA-F]{2})*$/, 'must be an address: 0x and hex digits')

/** Certificates and evidence: files that anybody can verify, as bytes or, where JSON is asked for, for reading */
export function proofRoutes ({ voting }: ApiNode): Hono {
  const scheme = ethereumScheme()

  return new Hono()
    .get('/scopes/:scope/proposals/:id/certificate', async context => {
      const bytes = await voting.certificate(context.req.param('scope'), toProposalId(context.req.param('id')))

      return wantsJson(context)
        ? context.json(certificateToJson(await inspectCertificate(bytes, { scheme })))
        : binary(context, bytes)
    })
    .get('/scopes/:scope/proposals/:id/evidence/:voter', async context => {
      const voter = check(voterSchema, context.req.param('voter'), 'voter')
      const bytes = await voting.evidenceProof(context.req.param('scope'), toProposalId(context.req.param('id')), fromString(voter.slice(2).toLowerCase(), 'hex'))

      return wantsJson(context)
        ? context.json(evidenceProofToJson(await inspectEvidenceProof(bytes, { scheme })))
        : binary(context, bytes)
    })
    .get('/scopes/:scope/evidence', async context => {
      const { limit, cursor, proposalId } = check(evidenceSchema, context.req.query())

      return context.json(await list(voting, context.req.param('scope'), limit, { proposalId, after: toPlace(cursor) }))
    })
    .post('/proofs', async context => {
      const imported = await voting.importProof(await readBytes(context, MAX_PROOF_LENGTH))

      return context.json(imported, imported.isNew ? 201 : 200)
    })
}

async function list (voting: Voting, scope: string, limit: number, options: EvidenceOptions): Promise<Page<EvidenceInfo>> {
  const items: EvidenceInfo[] = []
  let last: FoundEvidence | undefined

  requireScope(voting, scope)

  for await (const evidence of voting.evidence(scope, options)) {
    if (last != null && items.length === limit) {
      return { items, cursor: `${last.proposalId}-${toString(last.owner, 'hex')}` }
    }

    items.push(toEvidenceInfo(evidence))
    last = evidence
  }

  return { items }
}

function toPlace (cursor?: string): EvidenceOptions['after'] {
  if (cursor == null) {
    return
  }

  const [proposalId, owner] = cursor.split('-')

  return { proposalId: Number(proposalId), owner: fromString(owner, 'hex') }
}

function toEvidenceInfo ({ scope, proposalId, owner, first, second }: FoundEvidence): EvidenceInfo {
  return {
    scope,
    proposalId,
    voter: toAddress(owner),
    votes: [first, second].map(({ voteOwner, vote, timestamp }) => toVoteInfo({ owner: voteOwner, choice: vote, timestamp }))
  }
}

function wantsJson (context: Context): boolean {
  return context.req.header('accept')?.includes('application/json') === true
}

function binary (context: Context, bytes: Uint8Array): Response {
  return context.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'content-type': BINARY })
}
