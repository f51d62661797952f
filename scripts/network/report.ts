import { formatTable } from '../../src/cli/output.ts'
import type { BallotResult } from './run-ballot.ts'

/** With more nodes than this, a column for each is more than a terminal holds */
const MAX_COLUMNS = 10

/** Proposal, result at each node, time from the proposal to the last node's decision */
export function formatResults (nodes: string[], results: BallotResult[]): string {
  const wide = nodes.length <= MAX_COLUMNS
  const head = ['proposal', 'expected', ...(wide ? nodes : ['results']), 'time', '']
  const rows = results.map(({ name, expected, results, agree, ms }) => [
    name,
    expected,
    ...(wide ? nodes.map(node => results[node]) : [formatCounts(Object.values(results))]),
    `${ms} ms`,
    agree ? 'ok' : 'WRONG'
  ])

  return formatTable(head, rows)
}

export function formatVerdict (nodes: number, results: BallotResult[]): string {
  const wrong = results.filter(({ agree }) => !agree)

  if (wrong.length === 0) {
    return `All ${nodes} nodes agree on ${results.length === 1 ? 'the proposal' : `all ${results.length} proposals`}, and every result is the one expected.`
  }

  return wrong.map(({ name, expected, results }) => `"${name}" should be ${expected} everywhere, and is ${Object.entries(results).map(([node, result]) => `${result} at ${node}`).join(', ')}.`).join('\n')
}

function formatCounts (outcomes: string[]): string {
  const counts = new Map<string, number>()

  for (const outcome of outcomes) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }

  return [...counts].map(([outcome, count]) => `${outcome} at ${count}`).join(', ')
}
