/**
 * What the node tells once and does not keep: votes of its own key that came from elsewhere. Kept for as long as the page is open.
 */

import type { Feed } from './feed.ts'
import type { NodeEvent } from '../../client/types.ts'

export type Note = Extract<NodeEvent, { type: 'own-vote' }>

/** After so many somebody has to look at the node's log */
const MAX_NOTES = 20

export class Notes {
  /** The latest last, one a proposal */
  list: Note[] = []
  private readonly onChange = new Set<() => void>()

  constructor (feed: Pick<Feed, 'listen'>) {
    feed.listen(event => {
      if (event.type === 'own-vote') {
        this.add(event)
      }
    })
  }

  /** Returns how to end it */
  watch (listener: () => void): () => void {
    this.onChange.add(listener)

    return () => { this.onChange.delete(listener) }
  }

  private add (note: Note): void {
    const others = this.list.filter(other => keyOf(other) !== keyOf(note))

    this.list = [...others, note].slice(-MAX_NOTES)
    this.onChange.forEach(listener => { listener() })
  }
}

export function keyOf ({ data: { scope, proposalId } }: Note): string {
  return `${scope} ${proposalId}`
}
