/**
 * The operator's page. It is JSX, not htm: the compiler checks what is passed to components, and no parser of templates
 * runs in the browser. Everything is put into the document as text; nothing of a stranger's is ever markup.
 */

import { render } from 'preact'
import { App } from './app.tsx'
import { feed } from './node.ts'

const root = document.getElementById('app')

if (root == null) {
  throw new Error('index.html has no element "app"')
}

feed.start()
render(<App />, root)
