/**
 * scenarios.json: a scope, a proposal, and votes and timeouts in some order.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import { decodeProposal, decodeVote, getActiveProposals, getConsensusResult, getReachedProposals } from '../../src/consensus/index.ts'
import { casesOf, outcomeName, outcomeOf, runCases } from './case.ts'
import { ClockedService, SCOPE, showState } from './service.ts'
import type { Case } from './case.ts'
import type { NetworkType } from '../../src/consensus/index.ts'

type Operation = 'proposal' | 'timeout' | 'timeout-unknown' | { vote: number }

interface Step {
  now: string
  op: Operation
  /** `ok`, the result of a timeout, or an error */
  outcome: string | boolean
  state?: string | null
  round?: number | null
  votes?: number | null
}

interface Scenario {
  scope: { networkType: NetworkType, threshold: number, maxRounds: number | null }
  proposal: string
  votes: string[]
  steps: Step[]
  /** The result of the proposal, or an error */
  result: string | boolean
  stats: unknown
  active: number
  reached: Array<[number, boolean]>
}

export async function checkScenarios (content: unknown): Promise<Case[]> {
  return runCases<Scenario>(casesOf(content), data => `${data.scope?.networkType}, threshold ${data.scope?.threshold}`, async (test, data) => {
    const service = new ClockedService()
    const proposal = decodeProposal(hexToBytes(data.proposal))
    const { proposalId } = proposal
    const { networkType, threshold, maxRounds } = data.scope
    const scope = await service.scope(SCOPE)

    await scope.withNetworkType(networkType).withThreshold(threshold).withMaxRounds(maxRounds ?? undefined).initialize()

    const run = async (op: Operation): Promise<string | boolean> => {
      if (op === 'proposal') {
        return outcomeOf(async () => service.processIncomingProposal(SCOPE, proposal))
      }

      if (op === 'timeout') {
        return service.handleConsensusTimeout(SCOPE, proposalId).catch(outcomeName)
      }

      if (op === 'timeout-unknown') {
        return service.handleConsensusTimeout(SCOPE, (proposalId ^ 1) >>> 0).catch(outcomeName)
      }

      return outcomeOf(async () => service.processIncomingVote(SCOPE, decodeVote(hexToBytes(data.votes[op.vote]))))
    }

    for (const [index, { now, op, outcome, ...after }] of data.steps.entries()) {
      const step = `step ${index + 1}, ${typeof op === 'string' ? op : `vote ${op?.vote}`}`

      service.setClock(now)
      test.equal(`${step}: outcome`, outcome, await run(op))

      if (op !== 'timeout-unknown') {
        const session = await service.storage.getSession(SCOPE, proposalId)

        test.equal(`${step}: state`, after.state, session == null ? null : showState(session))
        test.equal(`${step}: round`, after.round, session?.round)
        test.equal(`${step}: votes`, after.votes, session?.voteCount)
      }
    }

    test.equal('result', data.result, await getConsensusResult(service.storage, SCOPE, proposalId).catch(outcomeName))
    test.equal('stats', data.stats, await service.getScopeStats(SCOPE))
    test.equal('active proposals', data.active, (await getActiveProposals(service.storage, SCOPE)).length)
    test.equal('reached proposals', data.reached, [...await getReachedProposals(service.storage, SCOPE)])
  })
}
