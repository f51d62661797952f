import { addCommand, commandLine, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { inspectProof, proofToJson, writeProof } from '../proofs.ts'
import { findProposal, parseProposalDigits, PROPOSAL_ID_HELP } from '../proposal-id.ts'
import type { VotingClient } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface CertificateOptions extends CommonOptions {
  statement?: boolean
}

export function certificateCommand (program: Command): void {
  addCommand(program, 'certificate', 'Write the certificate of a decided proposal: a file by which anybody can verify the result', [
    'certificate council 1234567890 > council-1234567890.cert',
    'certificate council 1234567890 --json',
    'certificate council 1234567890 --statement'
  ])
    .argument('<scope>')
    .argument('<id>', 'of the proposal', parseProposalDigits)
    .option('--statement', 'of a result by silence, which nobody can prove: what this node has seen, as JSON')
    .addHelpText('after', PROPOSAL_ID_HELP)
    .action(certificate)
}

async function certificate (scope: string, digits: string, { dataDir, json, statement }: CertificateOptions): Promise<void> {
  const ask = async <T> (task: (client: VotingClient, proposalId: number) => Promise<T>): Promise<T> => {
    return withNode(dataDir, async client => task(client, (await findProposal(client, scope, digits)).proposalId))
  }

  if (statement === true) {
    printJson(await ask(async (client, proposalId) => client.statement(scope, proposalId)))

    return
  }

  const bytes = await ask(async (client, proposalId) => client.certificate(scope, proposalId))

  if (json === true) {
    printJson(proofToJson(await inspectProof(bytes)))
  } else {
    await writeProof(bytes, `${commandLine(dataDir, 'certificate', scope, digits)} > ${digits}.cert`)
  }
}
