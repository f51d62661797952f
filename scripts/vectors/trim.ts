/**
 * trim.json: which of several proposals, made one second apart, a scope keeps.
 */

import { casesOf, runCases } from './case.ts'
import { ClockedService, request, SCOPE } from './service.ts'
import type { Case } from './case.ts'

interface TrimCase {
  created: number
  maxSessionsPerScope: number
  /** Numbers of the proposals that are left, from 0 */
  kept: number[]
}

export async function checkTrim (content: unknown): Promise<Case[]> {
  return runCases<TrimCase>(casesOf(content), ({ created, maxSessionsPerScope }) => `${created} proposals, ${maxSessionsPerScope} kept`, async (test, data) => {
    const service = new ClockedService({ maxSessionsPerScope: data.maxSessionsPerScope })
    const ids: number[] = []

    for (let index = 0; index < data.created; index++) {
      const { proposalId } = await service.setClock(1_700_000_000 + index).createProposal(SCOPE, request({}))

      ids.push(proposalId)
    }

    const sessions = await service.storage.listScopeSessions(SCOPE) ?? []
    const kept = sessions.map(({ proposal }) => ids.indexOf(proposal.proposalId)).sort((a, b) => a - b)

    test.equal('kept', data.kept, kept)
  })
}
