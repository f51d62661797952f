import { addCommand, parseProposalId, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { printProposal } from '../proposals.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function showCommand (program: Command): void {
  addCommand(program, 'show', 'A proposal with its votes and its result', ['show council 1234567890'])
    .argument('<scope>')
    .argument('<id>', 'of the proposal', parseProposalId)
    .action(async (scope: string, proposalId: number, { dataDir, json }: CommonOptions) => {
      const proposal = await withNode(dataDir, async client => client.proposal(scope, proposalId))

      if (json === true) {
        printJson(proposal)
      } else {
        printProposal(proposal)
      }
    })
}
