import { useEffect, useState } from 'preact/hooks'
import { printableName } from '../../../consensus/text/visible-text.ts'
import { count } from '../format.ts'
import { feed } from '../node.ts'
import { describeClock } from '../words.ts'
import type { NodeEvent } from '../../../client/types.ts'
import type { JSX } from 'preact'

/** Milliseconds in which what happens is gathered, so that a screen reader is not talked into the ground */
const GATHER = 1_000

/** Tells those who do not see the page what has happened */
export function Announcer (): JSX.Element {
  const [text, setText] = useState('')

  useEffect(() => {
    let lines: string[] = []
    let timer: number | undefined
    const unlisten = feed.listen(event => {
      const line = describe(event)

      if (line != null) {
        lines.push(line)
        timer ??= window.setTimeout(() => {
          setText(lines.length > 3 ? `${count(lines.length, 'thing')} happened. ${lines[lines.length - 1]}` : lines.join(' '))
          lines = []
          timer = undefined
        }, GATHER)
      }
    })

    return () => {
      unlisten()
      clearTimeout(timer)
    }
  }, [])

  return <p class='hidden' role='status'>{text}</p>
}

const MISMATCHES = {
  policy: 'under another policy',
  signing: 'and signs its gossip in another way'
}

function describe ({ type, data }: NodeEvent): string | undefined {
  switch (type) {
    case 'proposal': return `New proposal in ${data.scope}: ${printableName(data.name)}.`
    case 'decided': return `A proposal in ${data.scope} is decided${data.late === true ? ' late' : ''}: ${data.result}.`
    case 'failed': return `A proposal in ${data.scope} has ended without a result.`
    case 'conflict': return `Alarm: votes of two quorums contradict each other in ${data.scope}.`
    case 'evidence': return `Alarm: a voter in ${data.scope} has voted both yes and no.`
    case 'own-vote': return `Alarm: a vote of this node's own key came from elsewhere in ${data.scope}.`
    case 'own-key': return data.kind === 'voter' ? `Alarm: another node has this node's voter key in ${data.scope}.` : 'Alarm: another node runs with a copy of this node\'s keys.'
    case 'members': return `Warning in ${data.scope}: ${data.reason}`
    case 'auto-vote-missed': return `This node did not vote automatically on a proposal in ${data.scope}: ${data.reason}.`
    case 'collision': return `Alarm: two proposals in ${data.scope} have one id.`
    case 'mismatch': return data.what === 'format' ? 'A peer sends what only a later version can read: update this node.' : `A peer is in ${data.scope} ${MISMATCHES[data.what]}.`
    case 'clock': return `The clock of this node ${describeClock(data)} in ${data.scope}.`
    default:
  }
}
