import { useState } from 'preact/hooks'
import { count } from '../format.ts'
import { hexDump, indentJson, payloadLength } from '../payload.ts'
import { Stranger } from './text.tsx'
import type { ProposalInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

type Form = 'Text' | 'JSON' | 'Bytes'

/** What a proposal carries, as text, JSON or bytes */
export function Payload ({ proposal: { payload, payloadText } }: { proposal: ProposalInfo }): JSX.Element {
  const json = payloadText == null ? undefined : indentJson(payloadText)
  const forms: Form[] = [...(json == null ? [] : ['JSON' as const]), ...(payloadText == null ? [] : ['Text' as const]), 'Bytes']
  const [chosen, choose] = useState<Form>()
  const form = chosen != null && forms.includes(chosen) ? chosen : forms[0]
  const length = payloadLength(payload)

  return (
    <section class='card' aria-labelledby='payload'>
      <div class='card-head'>
        <h2 id='payload'>Payload</h2>
        {length > 0 && (
          <div class='choices' role='group' aria-label='Show the payload as'>
            {forms.map(name => <button key={name} type='button' aria-pressed={name === form} onClick={() => { choose(name) }}>{name}</button>)}
          </div>
        )}
      </div>
      {length === 0
        ? <p class='empty'>None: the question is all there is.</p>
        : (
          <>
            <pre tabIndex={0} aria-label='Payload' role='group'>{form === 'Bytes' ? hexDump(payload) : <Stranger text={(form === 'JSON' ? json : payloadText) ?? ''} lines />}</pre>
            <p class='muted'>{count(length, 'byte')}, written by the proposer. It is shown, and nothing is done with it.</p>
          </>
          )}
    </section>
  )
}
