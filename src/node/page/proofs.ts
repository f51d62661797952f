/**
 * Proofs as files: bytes to be kept and passed on, which the page does not look into.
 */

import { ApiProblemError, UnexpectedAnswerError } from '../../client/errors.ts'
import type { Page } from '../../client/types.ts'

export interface EvidenceItem {
  scope: string
  proposalId: number
  /** Address of who has voted both ways */
  voter: string
}

/**
 * Saves the certificate of a result. Throws ApiProblemError if there is none, or the node cannot make it.
 */
export async function downloadCertificate (scope: string, proposalId: number): Promise<void> {
  const response = await request(`/scopes/${scope}/proposals/${proposalId}/certificate`)
  const [, name = `${scope}-${proposalId}.certificate`] = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? []
  const link = document.createElement('a')

  link.href = URL.createObjectURL(await response.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** Who has voted both ways in a scope */
export async function readEvidence (scope: string, signal: AbortSignal): Promise<Page<EvidenceItem>> {
  return (await request(`/scopes/${scope}/evidence`, signal)).json()
}

async function request (path: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(path, { signal })

  if (!response.ok) {
    const problem = await response.json()

    throw typeof problem.detail === 'string' ? new ApiProblemError(problem) : new UnexpectedAnswerError(`The node answered with status ${response.status}`)
  }

  return response
}
