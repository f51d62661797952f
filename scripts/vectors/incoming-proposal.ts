/**
 * incoming-proposal.json: a fresh scope takes a proposal with the votes in it.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import { decodeProposal } from '../../src/consensus/index.ts'
import { casesOf, outcomeOf, runCases } from './case.ts'
import { ClockedService, SCOPE, showConfig, showState } from './service.ts'
import type { Case } from './case.ts'
import type { ConfigData } from './service.ts'
import type { NetworkType } from '../../src/consensus/index.ts'

interface IncomingProposalCase {
  what: string
  networkType: NetworkType
  threshold: number
  proposal: string
  now: string
  outcome: string
  session: null | { config: ConfigData, createdAt: string, round: number, state: string, votes: number }
}

export async function checkIncomingProposal (content: unknown): Promise<Case[]> {
  return runCases<IncomingProposalCase>(casesOf(content), ({ what }) => what, async (test, data) => {
    const service = new ClockedService().setClock(data.now)
    const proposal = decodeProposal(hexToBytes(data.proposal))
    const scope = await service.scope(SCOPE)

    await scope.withNetworkType(data.networkType).withThreshold(data.threshold).initialize()

    test.equal('outcome', data.outcome, await outcomeOf(async () => service.processIncomingProposal(SCOPE, proposal)))

    const session = await service.storage.getSession(SCOPE, proposal.proposalId)

    test.equal('session', data.session, session == null
      ? null
      : {
          config: showConfig(session.config),
          createdAt: session.createdAt,
          round: session.round,
          state: showState(session),
          votes: session.voteCount
        })
  })
}
