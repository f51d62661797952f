/**
 * Proofs as files: bytes to be kept and passed on, which the page does not look into.
 */

import type { VotingClient } from '../../client/client.ts'
import type { DoubleVoteInfo, EvidenceInfo, ProposalSummary } from '../../client/types.ts'

/** Letters, digits and signs that every file system takes: names of scopes have no others, ids and addresses neither */
export function certificateName ({ scope, proposalId, result }: Pick<ProposalSummary, 'scope' | 'proposalId' | 'result'>): string {
  return `${scope}-${proposalId}-${result}.cert`
}

export function evidenceName ({ scope, proposalId, voter }: DoubleVoteInfo): string {
  return `${scope}-${proposalId}-${voter}.evidence`
}

/** Gives a file to whoever looks at the page, to be kept */
export function saveFile (name: string, bytes: Uint8Array): void {
  const link = document.createElement('a')

  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

export interface EvidenceQuery {
  scope: string
  /** Only on this proposal */
  proposalId?: number
  limit: number
  signal: AbortSignal
}

/** Who has voted both ways, up to a number, and whether there are more */
export async function readEvidence (client: VotingClient, { scope, proposalId, limit, signal }: EvidenceQuery): Promise<{ items: EvidenceInfo[], more: boolean }> {
  const items: EvidenceInfo[] = []

  for await (const evidence of client.allEvidence(scope, { proposalId, limit: Math.min(limit + 1, 100), signal })) {
    if (items.length === limit) {
      return { items, more: true }
    }

    items.push(evidence)
  }

  return { items, more: false }
}
