import { useState } from 'preact/hooks'
import { saveFile } from '../proofs.ts'
import { Notice } from './notice.tsx'
import { Stranger } from './text.tsx'
import type { ComponentChildren, JSX } from 'preact'

export interface DownloadProps {
  /** Of the file */
  name: string
  /** For those who hear the button and do not see what it is next to */
  about?: string
  children: ComponentChildren
  load (): Promise<Uint8Array>
}

/** A button that saves a file of the node's, and says why where it cannot */
export function Download ({ name, about, children, load }: DownloadProps): JSX.Element {
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)

  const save = async (): Promise<void> => {
    setBusy(true)

    try {
      saveFile(name, await load())
      setError(undefined)
    } catch (err: any) {
      setError(err.message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <div class='download'>
      <button type='button' aria-busy={busy} disabled={busy} onClick={() => { void save() }}>{children}{about != null && <span class='hidden'> {about}</span>}</button>
      {error != null && <div role='alert'><Notice tone='alarm' title='There is no file to be had'><Stranger text={error} /></Notice></div>}
    </div>
  )
}
