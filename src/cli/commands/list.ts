import { Option } from 'commander'
import { addCommand, commandLine, withNode } from '../command.ts'
import { formatDistance, formatScope, formatState, formatTally, printJson, printTable, printable } from '../output.ts'
import type { ProposalStateName, ProposalSummary } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

const PAGE_LENGTH = 100

export function listCommand (program: Command): void {
  addCommand(program, 'list', 'The proposals of a scope, the newest last', ['list council', 'list council --state active --json'])
    .argument('<scope>')
    .addOption(new Option('--state <state>', 'only those in this state').choices(['active', 'reached', 'failed']))
    .action(list)
}

async function list (scope: string, { dataDir, json, state }: CommonOptions & { state?: ProposalStateName }): Promise<void> {
  const proposals = await withNode(dataDir, async client => {
    const proposals: ProposalSummary[] = []

    for await (const proposal of client.allProposals(scope, { state, limit: PAGE_LENGTH })) {
      proposals.push(proposal)
    }

    return proposals
  })

  if (json === true) {
    printJson(proposals)
  } else if (proposals.length === 0) {
    console.info(`There are no proposals. Make one with: ${commandLine(dataDir, 'propose', scope, 'Upgrade to version 2?')}`)
  } else {
    console.info(`Proposals in ${formatScope(scope, proposals[0].open)}:`)
    printTable(['proposal', 'name', 'tally', 'deadline', 'result'], proposals.map(proposal => [
      `${proposal.proposalId}`, printable(proposal.name), formatTally(proposal), formatDistance(proposal.deadline), formatState(proposal)
    ]))
  }
}
