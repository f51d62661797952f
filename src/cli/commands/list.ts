import { Option } from 'commander'
import { addCommand, commandLine, withNode } from '../command.ts'
import { formatDistance, formatScope, formatState, formatTally, printTable, printableName, toJson } from '../output.ts'
import type { ProposalStateName, ProposalSummary, VotingClient } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

/** So many are shown unless all are asked for */
const RECENT = 50

const PAGE_LENGTH = 100

const HEADER = ['name', 'tally', 'deadline', 'result']

/** Digits of the longest id, so that the columns of pages are in line */
const ID_WIDTH = 10

const STATES: ProposalStateName[] = ['active', 'reached', 'failed', 'conflict']

interface ListOptions extends CommonOptions {
  all?: boolean
  state?: ProposalStateName
}

export function listCommand (program: Command): void {
  addCommand(program, 'list', `The last ${RECENT} proposals of a scope, or all there ever were; the newest last`, ['list council', 'list council --all', 'list council --state active --json'])
    .argument('<scope>')
    .option('--all', 'all proposals, not only the last')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES))
    .action(list)
}

async function list (scope: string, { dataDir, json, all, state }: ListOptions): Promise<void> {
  await withNode(dataDir, async client => {
    const { pages, more } = all === true
      ? { pages: client.proposalPages(scope, { state, limit: PAGE_LENGTH }), more: false }
      : await recent(client, scope, state)

    if (json === true) {
      await printJsonList(pages)
    } else if (await printPages(pages) === 0) {
      console.info(state == null
        ? `There are no proposals. Make one with: ${commandLine(dataDir, 'propose', scope, 'Upgrade to version 2?')}`
        : `There are no proposals in this state: ${state}`)
    } else if (more) {
      console.info(`These are the last ${RECENT}. See all with: ${commandLine(dataDir, 'list', scope, '--all')}`)
    }
  })
}

async function recent (client: VotingClient, scope: string, state?: ProposalStateName): Promise<{ pages: ProposalSummary[][], more: boolean }> {
  const { items, cursor } = await client.proposals(scope, { state, order: 'newest', limit: RECENT })

  return { pages: [items.reverse()], more: cursor != null }
}

type Pages = AsyncIterable<ProposalSummary[]> | Iterable<ProposalSummary[]>

/** Page by page: however many proposals there are, they need not fit into memory. Resolves with how many there were. */
async function printPages (pages: Pages): Promise<number> {
  let printed = 0

  for await (const proposals of pages) {
    if (proposals.length === 0) {
      continue
    }

    if (printed === 0) {
      console.info(`Proposals in ${formatScope(proposals[0].scope, proposals[0].open)}:`)
    }

    // all of a scope have one, or none has
    const hasFingerprint = proposals[0].fingerprint != null
    const digits = Math.max(...proposals.map(({ expectedVotersCount }) => `${expectedVotersCount}`.length))

    printTable(['proposal', ...hasFingerprint ? ['fingerprint'] : [], ...HEADER], proposals.map(proposal => [
      `${proposal.proposalId}`.padStart(ID_WIDTH), ...hasFingerprint ? [proposal.fingerprint ?? ''] : [], printableName(proposal.name), formatTally(proposal, digits), formatDistance(proposal.deadline), formatState(proposal)
    ]), { continued: printed > 0 })
    printed += proposals.length
  }

  return printed
}

async function printJsonList (pages: Pages): Promise<void> {
  let separator = '['

  for await (const proposals of pages) {
    for (const proposal of proposals) {
      process.stdout.write(`${separator}${toJson(proposal)}`)
      separator = ',\n'
    }
  }

  process.stdout.write(separator === '[' ? '[]\n' : ']\n')
}
