import { useState } from 'preact/hooks'
import { UNPRINTABLE, visible } from '../../../client/printable.ts'
import { shorten } from '../format.ts'
import type { JSX } from 'preact'

/** Line breaks and tabs are no tricks in a text of several lines */
const INVISIBLE = new RegExp(`(?![\\n\\t])(?:${UNPRINTABLE.source})`, 'gu')

/** A text that a stranger wrote: what cannot be seen in it is made visible, and it cannot turn the text around it */
export function Stranger ({ text, lines = false }: { text: string, lines?: boolean }): JSX.Element {
  const pattern = lines ? INVISIBLE : UNPRINTABLE
  const parts: Array<string | JSX.Element> = []
  let end = 0

  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(end, match.index), <span class='escape'>{visible(match[0])}</span>)
    end = match.index + match[0].length
  }

  return <bdi class='stranger'>{parts}{text.slice(end)}</bdi>
}

/** An address, digest or peer id */
export function Code ({ value, short = false, copy }: { value: string, short?: boolean, copy?: string }): JSX.Element {
  return (
    <span class='code'>
      <code title={short ? value : undefined}>{short ? shorten(value) : value}</code>
      {copy != null && <CopyButton value={value} what={copy} />}
    </span>
  )
}

function CopyButton ({ value, what }: { value: string, what: string }): JSX.Element {
  const [note, setNote] = useState('Copy')

  return (
    <button
      type='button'
      class='quiet'
      aria-label={`${note} ${what}`}
      onClick={() => {
        navigator.clipboard.writeText(value).then(() => { setNote('Copied') }, () => { setNote('Cannot copy') })
      }}
      onBlur={() => { setNote('Copy') }}
    >{note}
    </button>
  )
}
