import { ApiProblemError } from '../../client/index.ts'
import { voterNames } from '../../consensus/policy/voter-names.ts'
import { addCommand, commandLine, parseYesNo, withFull, withNode } from '../command.ts'
import { printDecision } from '../count-up.ts'
import { formatChoice, formatId, formatVoter, printJson, quotedName } from '../output.ts'
import { PROPOSAL_ID_HELP, findProposal, parseProposalDigits } from '../proposal-id.ts'
import { inOptions } from '../proposals.ts'
import type { Choice, ProposalInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function voteCommand (program: Command): void {
  withFull(addCommand(program, 'vote', 'Vote on a proposal. A vote cannot be changed.', [
    'vote council 1234567890 yes',
    'vote council 1234567890 no --wait',
    'vote council 123 yes'
  ]))
    .argument('<scope>')
    .argument('<id>', 'of the proposal, its first digits, or its fingerprint', parseProposalDigits)
    .argument('<yes|no>', 'your choice', parseYesNo)
    .option('--wait', 'wait for the decision')
    .option('--force', 'vote on a proposal that is older than the node\'s process though no member could be asked yet what this key has voted')
    .addHelpText('after', PROPOSAL_ID_HELP)
    .action(vote)
}

async function vote (scope: string, digits: string, choice: Choice, { dataDir, json, wait, force }: CommonOptions & { wait?: boolean, force?: boolean }): Promise<void> {
  await withNode(dataDir, async client => {
    const proposal = await findProposal(client, scope, digits)
    const { proposalId, name } = proposal
    const vote = await sayIfSlow(proposal, async () => client.vote(scope, proposalId, choice, { force }))
    const { policy } = await client.scope(scope)

    if (json === true) {
      if (wait !== true) {
        printJson({ scope, proposalId, ...vote })
      }
    } else {
      console.info(`Voted ${formatChoice(vote.choice)} on ${formatId(proposal)} ${quotedName(name)} as ${formatVoter(vote.voter, voterNames(policy))}.`)
    }

    if (wait === true) {
      await printDecision(client, { scope, proposalId }, json)
    } else if (json !== true) {
      console.info(`See what comes of it: ${commandLine(dataDir, 'show', scope, `${proposalId}`)}`)
    }
  })
}

/** Others may have to be asked first what this key has voted, which takes its time */
async function sayIfSlow <T> ({ unasked }: ProposalInfo, task: () => Promise<T>): Promise<T> {
  const timer = unasked == null
    ? undefined
    : setTimeout(() => { console.error('The node asks other members first what this key has voted, for up to 15 seconds …') }, 1_000)

  try {
    return await task()
  } catch (err) {
    throw err instanceof ApiProblemError ? new ApiProblemError({ ...err.problem, detail: inOptions(err.problem.detail) }) : err
  } finally {
    clearTimeout(timer)
  }
}
