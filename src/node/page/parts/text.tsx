import { useState } from 'preact/hooks'
import { NO_VISIBLE_NAME, hasVisibleCharacter, visiblePieces } from '../../../consensus/text/visible-text.ts'
import { shorten } from '../format.ts'
import type { NameOf } from '../../../consensus/policy/voter-names.ts'
import type { JSX } from 'preact'

/**
 * A text that a stranger wrote: what cannot be seen in it is made visible, and it cannot turn the text around it. Line breaks and
 * tabs are no tricks in a text of several lines.
 */
export function Stranger ({ text, lines = false }: { text: string, lines?: boolean }): JSX.Element {
  return <bdi class='stranger'>{visiblePieces(text, { lines }).map(({ text, escaped }, index) => escaped ? <span key={index} class='escape'>{text}</span> : text)}</bdi>
}

/** The name of a proposal. One of which nothing would be seen says so, since it may be all that there is to click on. */
export function ProposalName ({ name }: { name: string }): JSX.Element {
  return hasVisibleCharacter(name) ? <Stranger text={name} /> : <span class='muted'>{NO_VISIBLE_NAME}</span>
}

/** What tells a proposal apart from others with its id or name */
export function Fingerprint ({ value }: { value: string }): JSX.Element {
  return <code class='fingerprint' title='Fingerprint: compare it with other members'>{value}</code>
}

/** A voter by name, beside the short address, where the policy has a name; the whole address is shown on a click or by pointing at it */
export function Voter ({ address, nameOf }: { address: string, nameOf: NameOf }): JSX.Element {
  const [whole, setWhole] = useState(false)
  const name = nameOf(address)

  return name == null
    ? <Code value={address} />
    : <span class='voter'><Stranger text={name} /> <button type='button' class='quiet' aria-expanded={whole} title={address} onClick={() => { setWhole(!whole) }}><code>{whole ? address : shorten(address, 6)}</code></button></span>
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
