import { Stranger } from './text.tsx'
import type { ComponentChildren, JSX } from 'preact'

/** Attributes by which a control and its words belong together */
export interface Wiring {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
}

export interface FieldProps {
  id: string
  label: string
  hint?: ComponentChildren
  error?: string
  children (wiring: Wiring): ComponentChildren
}

/** A control with its label, what is accepted, and what is wrong with what it holds */
export function Field ({ id, label, hint, error, children }: FieldProps): JSX.Element {
  const described = [...(hint == null ? [] : [`${id}-hint`]), ...(error == null ? [] : [`${id}-error`])].join(' ')

  return (
    <div class={error == null ? 'field' : 'field wrong'}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described === '' ? undefined : described, 'aria-invalid': error == null ? undefined : true })}
      {error != null && <p class='error' id={`${id}-error`}><Stranger text={error} /></p>}
      {hint != null && <p class='hint' id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}
