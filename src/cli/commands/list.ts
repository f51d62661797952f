import { Option } from 'commander'
import { addCommand, commandLine, withNode } from '../command.ts'
import { formatDistance, formatScope, formatState, formatTally, printTable, printable, toJson } from '../output.ts'
import type { ProposalStateName, ProposalSummary } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

const PAGE_LENGTH = 100

const HEADER = ['proposal', 'name', 'tally', 'deadline', 'result']

/** Digits of the longest id, so that the columns of pages are in line */
const ID_WIDTH = 10

const STATES: ProposalStateName[] = ['active', 'reached', 'failed', 'conflict']

export function listCommand (program: Command): void {
  addCommand(program, 'list', 'The proposals of a scope that take votes, the newest last; with --all those that ended, too', ['list council', 'list council --all', 'list council --state failed --json'])
    .argument('<scope>')
    .addOption(new Option('--all', 'all proposals there ever were').conflicts('state'))
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES).default('active'))
    .action(list)
}

async function list (scope: string, { dataDir, json, all, state }: CommonOptions & { all?: boolean, state: ProposalStateName }): Promise<void> {
  await withNode(dataDir, async client => {
    const pages = client.proposalPages(scope, { state: all === true ? undefined : state, limit: PAGE_LENGTH })

    if (json === true) {
      await printJsonList(pages)
    } else {
      await printPages(pages, async () => {
        const { open } = await client.scope(scope)

        console.info(all === true
          ? `There are no proposals in ${formatScope(scope, open)}. Make one with: ${commandLine(dataDir, 'propose', scope, 'Upgrade to version 2?')}`
          : `There are no proposals in this state (${state}) in ${formatScope(scope, open)}. See all with: ${commandLine(dataDir, 'list', scope, '--all')}`)
      })
    }
  })
}

/** Page by page: however many proposals there are, they need not fit into memory */
async function printPages (pages: AsyncIterable<ProposalSummary[]>, onNone: () => Promise<void>): Promise<void> {
  let printed = 0

  for await (const proposals of pages) {
    if (proposals.length === 0) {
      continue
    }

    if (printed === 0) {
      console.info(`Proposals in ${formatScope(proposals[0].scope, proposals[0].open)}:`)
    }

    printTable(printed === 0 ? HEADER : [], proposals.map(proposal => [
      `${proposal.proposalId}`.padEnd(ID_WIDTH), printable(proposal.name), formatTally(proposal), formatDistance(proposal.deadline), formatState(proposal)
    ]))
    printed += proposals.length
  }

  if (printed === 0) {
    await onNone()
  }
}

async function printJsonList (pages: AsyncIterable<ProposalSummary[]>): Promise<void> {
  let separator = '['

  for await (const proposals of pages) {
    for (const proposal of proposals) {
      process.stdout.write(`${separator}${toJson(proposal)}`)
      separator = ',\n'
    }
  }

  process.stdout.write(separator === '[' ? '[]\n' : ']\n')
}
