import { voterNames } from '../../consensus/policy/voter-names.ts'
import { addCommand, withFull, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { PROPOSAL_ID_HELP, findProposal, parseProposalDigits } from '../proposal-id.ts'
import { printProposal } from '../proposals.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function showCommand (program: Command): void {
  withFull(addCommand(program, 'show', 'A proposal with its votes and its result', ['show council 1234567890', 'show council 123']))
    .argument('<scope>')
    .argument('<id>', 'of the proposal, its first digits, or its fingerprint', parseProposalDigits)
    .addHelpText('after', PROPOSAL_ID_HELP)
    .action(async (scope: string, digits: string, { dataDir, json }: CommonOptions) => {
      const [proposal, { policy }] = await withNode(dataDir, async client => Promise.all([findProposal(client, scope, digits), client.scope(scope)]))

      if (json === true) {
        printJson(proposal)
      } else {
        printProposal(proposal, voterNames(policy))
      }
    })
}
