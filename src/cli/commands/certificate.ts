import { addCommand, commandLine, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { inspectProof, proofToJson, writeProof } from '../proofs.ts'
import { findProposal, parseProposalDigits, PROPOSAL_ID_HELP } from '../proposal-id.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function certificateCommand (program: Command): void {
  addCommand(program, 'certificate', 'Write the certificate of a decided proposal: a file by which anybody can verify the result', [
    'certificate council 1234567890 > council-1234567890.cert',
    'certificate council 1234567890 --json'
  ])
    .argument('<scope>')
    .argument('<id>', 'of the proposal, its first digits, or its fingerprint', parseProposalDigits)
    .addHelpText('after', PROPOSAL_ID_HELP)
    .action(certificate)
}

async function certificate (scope: string, digits: string, { dataDir, json }: CommonOptions): Promise<void> {
  const bytes = await withNode(dataDir, async client => client.certificate(scope, (await findProposal(client, scope, digits)).proposalId))

  if (json === true) {
    printJson(proofToJson(await inspectProof(bytes)))
  } else {
    await writeProof(bytes, `${commandLine(dataDir, 'certificate', scope, digits)} > ${digits}.cert`)
  }
}
