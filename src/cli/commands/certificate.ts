import color from 'picocolors'
import { LATE } from '../../client/late-result.ts'
import { voterNames } from '../../consensus/policy/voter-names.ts'
import { addCommand, commandLine, withNode } from '../command.ts'
import { printJson } from '../output.ts'
import { inspectProof, proofToJson, writeProof } from '../proofs.ts'
import { findProposal, parseProposalDigits, PROPOSAL_ID_HELP } from '../proposal-id.ts'
import { describeContradiction, doubleVoters } from '../proposals.ts'
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
  const { bytes, proposal, policy } = await withNode(dataDir, async client => {
    const proposal = await findProposal(client, scope, digits)
    const [bytes, { policy }] = await Promise.all([client.certificate(scope, proposal.proposalId), client.scope(scope)])

    return { bytes, proposal, policy }
  })
  const { contradicted, late } = proposal

  if (json === true) {
    printJson({
      ...proofToJson(await inspectProof(bytes)),
      ...late === true ? { late } : {},
      ...contradicted === true ? { contradicted, doubleVoters: doubleVoters(proposal) } : {}
    })
  } else {
    await writeProof(bytes, `${commandLine(dataDir, 'certificate', scope, digits)} > ${digits}.cert`)
  }

  // the file shows neither to the person who verifies it
  if (contradicted === true) {
    console.error(color.red(`warning: The result is contradicted, which the certificate does not show. ${describeContradiction(proposal, voterNames(policy))} See their votes with: ${commandLine(dataDir, 'evidence', scope, `${proposal.proposalId}`)}`))
  }

  if (late === true) {
    console.error(color.yellow(`warning: The result is late, which the certificate does not show. ${LATE}`))
  }
}
