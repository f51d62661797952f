/**
 * How far a start is, as one line in a terminal. It matters where a start takes its time: a large store, bootstrap peers that do
 * not answer.
 */

import { count } from '../output.ts'
import { LiveLine } from '../terminal/live-line.ts'
import type { StartStep } from '../../node/host/config.ts'

export class StartProgress {
  private readonly done: string[] = []
  private next = 'Starting'
  private line?: LiveLine

  static async show (): Promise<StartProgress> {
    const progress = new StartProgress()

    // what is being done stays in sight; what was done may be cut off
    progress.line = await LiveLine.open({ text: () => progress.done.length === 0 ? progress.next : `${progress.next}… (${progress.done.join(', ')})` })

    return progress
  }

  step (step: StartStep): void {
    const { done, next } = describeStep(step)

    this.done.push(done)
    this.next = next
    this.line?.draw()
  }

  stop (): void {
    this.line?.close()
  }
}

/** What has been done, and what is done from now on */
export function describeStep (step: StartStep): { done: string, next: string } {
  switch (step.step) {
    case 'keys': return { done: step.created ? 'keys made' : 'keys read', next: 'Opening the store' }
    case 'store': return { done: 'store open', next: 'Listening' }
    case 'listening': return { done: `listening on ${count(step.addresses.length, 'address', 'addresses')}`, next: 'Joining scopes' }
    case 'scopes': return { done: step.names.length === 0 ? 'in no scope yet' : `in ${step.names.join(', ')}`, next: 'Looking for peers' }
    case 'peers': return { done: count(step.connected, 'peer'), next: 'Starting the control API' }
    default: return { done: 'API ready', next: 'Ready' }
  }
}
