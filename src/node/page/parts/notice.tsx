import { ApiProblemError, NodeUnreachableError } from '../../../client/errors.ts'
import { Stranger } from './text.tsx'
import type { Tone } from '../words.ts'
import type { ComponentChildren, JSX } from 'preact'

/** A word or two about something, in a colour that says the same again */
export function Chip ({ tone = 'plain', children }: { tone?: Tone, children: ComponentChildren }): JSX.Element {
  return <span class={`chip ${tone}`}>{children}</span>
}

/** Something to be known before anything else */
export function Notice ({ tone = 'plain', title, children }: { tone?: Tone, title?: string, children?: ComponentChildren }): JSX.Element {
  return (
    <div class={`notice ${tone}`}>
      {title != null && <strong>{title}</strong>}
      {children != null && <div>{children}</div>}
    </div>
  )
}

/** Why something could not be read. That the node is away is said once, at the top of the page. */
export function Failure ({ error }: { error?: Error }): JSX.Element | null {
  if (error == null || error instanceof NodeUnreachableError || error.name === 'TimeoutError' || (error instanceof ApiProblemError && error.status === 401)) {
    return null
  }

  return <Notice tone='alarm' title='The node cannot show this'><Stranger text={error.message} lines /></Notice>
}

export function Loading (): JSX.Element {
  return <p class='muted loading'>Loading…</p>
}
