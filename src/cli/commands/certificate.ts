import { addCommand, commandLine, parseProposalId, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { inspectProof, proofToJson, writeProof } from '../proofs.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function certificateCommand (program: Command): void {
  addCommand(program, 'certificate', 'Write the certificate of a decided proposal: a file by which anybody can verify the result', [
    'certificate council 1234567890 > council-1234567890.cert',
    'certificate council 1234567890 --json'
  ])
    .argument('<scope>')
    .argument('<id>', 'of the proposal', parseProposalId)
    .action(certificate)
}

async function certificate (scope: string, proposalId: number, { dataDir, json }: CommonOptions): Promise<void> {
  const bytes = await withNode(dataDir, async client => client.certificate(scope, proposalId))

  if (json === true) {
    printJson(proofToJson(await inspectProof(bytes)))
  } else {
    await writeProof(bytes, `${commandLine(dataDir, 'certificate', scope, `${proposalId}`)} > ${proposalId}.cert`)
  }
}
