/**
 * The TypeScript of README.md, run as readers paste it.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from './project.ts'

const minute = 60_000

export async function checkExamples (project: Project): Promise<string> {
  // the one that was published
  const readme = await readFile(join(project.path, 'node_modules', project.manifest.name, 'README.md'), 'utf8')
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)

  if (examples.length === 0) {
    throw new Error('There is none')
  }

  for (const [index, code] of examples.entries()) {
    const output = await project.node([await project.write(`example-${index}.ts`, code)], { timeout: minute })

    if (output === '') {
      throw new Error(`Example ${index + 1} prints nothing`)
    }
  }

  return `${examples.length} of ${examples.length} ran`
}
