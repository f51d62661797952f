import type { Voting, VotingEvents } from '../../src/index.ts'

/** Records what a service emits, in order */
export function recordEvents (voting: Voting): Array<{ type: keyof VotingEvents, detail: any }> {
  const events: Array<{ type: keyof VotingEvents, detail: any }> = []
  const types: Array<keyof VotingEvents> = ['voting:proposal', 'voting:vote', 'voting:decided', 'voting:failed', 'voting:trimmed']

  for (const type of types) {
    voting.addEventListener(type, ({ detail }) => { events.push({ type, detail }) })
  }

  return events
}
