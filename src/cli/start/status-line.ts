/**
 * How the node is, in the last line of the terminal it runs in. What is printed meanwhile goes above it.
 */

import color from 'picocolors'
import { count, formatDuration, formatScopeName } from '../output.ts'
import { LiveLine } from '../terminal/live-line.ts'
import type { VotingNode } from '../../node/index.ts'

const second = 1_000

export class StatusLine {
  private readonly node: VotingNode
  private readonly end = new AbortController()
  /** Keys of the proposals that are being voted on */
  private readonly active = new Set<string>()
  private line?: LiveLine
  private timer?: ReturnType<typeof setInterval>

  private constructor (node: VotingNode) {
    this.node = node
  }

  static async show (node: VotingNode): Promise<StatusLine> {
    const status = new StatusLine(node)

    await status.start()

    return status
  }

  stop (): void {
    this.end.abort()
    clearInterval(this.timer)
    this.line?.close()
  }

  private async start (): Promise<void> {
    const { voting } = this.node
    const { signal } = this.end

    voting.addEventListener('voting:proposal', ({ detail }) => { this.change(() => this.active.add(keyOf(detail))) }, { signal })

    for (const type of ['voting:decided', 'voting:failed', 'voting:conflict', 'voting:trimmed'] as const) {
      voting.addEventListener(type, ({ detail }) => { this.change(() => this.active.delete(keyOf(detail))) }, { signal })
    }

    for (const { name } of voting.scopes()) {
      for await (const proposal of voting.list(name, { state: 'active' })) {
        this.active.add(keyOf(proposal))
      }
    }

    this.line = await LiveLine.open({
      symbol: '●',
      colour: () => this.node.storage.readOnly == null ? 'green' : 'yellow',
      text: () => statusText(this.node, this.active.size, Date.now() / second)
    })
    this.timer = setInterval(() => { this.line?.draw() }, second)
  }

  private change (task: () => void): void {
    task()
    this.line?.draw()
  }
}

/** What matters most comes first: where there is little room the rest is cut */
export function statusText ({ libp2p, voting, startedAt, storage }: Pick<VotingNode, 'libp2p' | 'voting' | 'startedAt' | 'storage'>, active: number, now: number): string {
  const peers = libp2p.getPeers().length
  const scopes = voting.scopes()
  const behind = scopes.filter(({ peers, synced }) => peers.length > 0 && !synced)
  const others = scopes.filter(({ otherPolicies }) => otherPolicies.length > 0)

  return [
    ...storage.readOnly == null ? [] : [color.yellow('read-only')],
    peers === 0 ? color.yellow('no peers') : count(peers, 'peer'),
    active === 0 ? 'nothing to vote on' : color.bold(`${active} to vote on`),
    ...behind.length === 0 ? [] : [color.yellow(`syncing ${behind.map(({ name }) => name).join(', ')}`)],
    ...others.length === 0 ? [] : [color.yellow(`other policies in ${others.map(({ name }) => name).join(', ')}`)],
    scopes.length === 0 ? 'in no scope' : scopes.map(({ name, open, peers }) => `${formatScopeName(name, open)} ${peers.length}`).join(', '),
    `up ${formatDuration(Math.max(0, Math.floor(now - startedAt)))}`
  ].join(' · ')
}

function keyOf ({ scope, proposalId }: { scope: string, proposalId: number }): string {
  return `${scope}/${proposalId}`
}
