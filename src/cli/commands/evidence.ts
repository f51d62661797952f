import { addCommand, commandLine, withFull, withNode } from '../command.ts'
import { formatScopeName, formatTime, formatVoter, namesIn, openScopes, printJson, printTable } from '../output.ts'
import { inspectProof, proofToJson, writeProof } from '../proofs.ts'
import { findProposal, parseProposalDigits, PROPOSAL_ID_HELP } from '../proposal-id.ts'
import type { EvidenceInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function evidenceCommand (program: Command): void {
  withFull(addCommand(program, 'evidence', 'Who has voted both yes and no; with a voter, write the file that proves it to anybody', [
    'evidence',
    'evidence council',
    'evidence council 1234567890 0x42957feD21C60Ff873392506A30666317c4d1f91 > cheat.evidence'
  ]))
    .argument('[scope]', 'all the node is in without it')
    .argument('[id]', 'of a proposal, its first digits, or its fingerprint', parseProposalDigits)
    .argument('[voter]', 'address of whom a file is to be written about')
    .addHelpText('after', PROPOSAL_ID_HELP)
    .action(evidence)
}

async function evidence (scope: string | undefined, digits: string | undefined, voter: string | undefined, { dataDir, json }: CommonOptions): Promise<void> {
  if (scope == null || digits == null || voter == null) {
    await list(scope, digits, { dataDir, json })
    return
  }

  const bytes = await withNode(dataDir, async client => client.evidenceProof(scope, (await findProposal(client, scope, digits)).proposalId, voter))

  if (json === true) {
    printJson(proofToJson(await inspectProof(bytes)))
  } else {
    await writeProof(bytes, `${commandLine(dataDir, 'evidence', scope, digits, voter)} > ${digits}.evidence`)
  }
}

async function list (scope: string | undefined, digits: string | undefined, { dataDir, json }: CommonOptions): Promise<void> {
  const found: EvidenceInfo[] = []
  let isOpen = openScopes([])
  let names = namesIn([])

  await withNode(dataDir, async client => {
    const all = await client.scopes()
    const scopes = scope == null ? all.map(({ name }) => name) : [scope]

    isOpen = openScopes(all)
    names = namesIn(all)

    // a proposal that is not there has no evidence, and that is not the same
    const proposalId = scope == null || digits == null ? undefined : (await findProposal(client, scope, digits)).proposalId

    for (const name of scopes) {
      for await (const evidence of client.allEvidence(name, { proposalId, limit: 100 })) {
        found.push(evidence)
      }
    }
  })

  if (json === true) {
    printJson(found)
  } else if (found.length === 0) {
    console.info('Nobody is known to have voted both yes and no.')
  } else {
    printTable(['scope', 'proposal', 'voter', 'yes', 'no'], found.map(({ scope, proposalId, voter, votes: [yes, no] }) => [
      formatScopeName(scope, isOpen(scope)), `${proposalId}`, formatVoter(voter, names(scope)), formatTime(yes.timestamp), formatTime(no.timestamp)
    ]))
    console.info(`Write one as a file with: ${commandLine(dataDir, 'evidence', found[0].scope, `${found[0].proposalId}`, found[0].voter)} > ${found[0].proposalId}.evidence`)
  }
}
