/**
 * All exports of the installed package, by its name.
 */

import { fileURLToPath } from 'node:url'
import { ROOT } from './contents.ts'
import type { Project } from './project.ts'

const TYPESCRIPT = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))

/** How projects of today find modules: as Node does, and as bundlers do */
const MODULES = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'preserve', moduleResolution: 'bundler' }
]

/** Node can load them, and each has something */
export async function checkImports (project: Project): Promise<string> {
  const file = await project.write('imports.mjs', `
    const counts = await Promise.all(${JSON.stringify(project.entries)}.map(async name => [name, Object.keys(await import(name)).length]))
    console.info(JSON.stringify(counts))
  `)
  const counts = JSON.parse(await project.node([file])) as Array<[name: string, count: number]>
  const empty = counts.filter(([, count]) => count === 0)

  if (empty.length > 0) {
    throw new Error(`Nothing is exported by ${empty.map(([name]) => name).join(', ')}`)
  }

  return `${counts.reduce((sum, [, count]) => sum + count, 0)} names in ${counts.length} exports`
}

/**
 * TypeScript finds them, and what they refer to. The declarations of our package are checked, too (with `skipLibCheck` a type
 * that cannot be found would be `any` without a word); those of other packages are theirs.
 */
export async function checkTypes (project: Project): Promise<string> {
  const file = await project.write('exports.ts', project.entries.map((entry, index) => `export * as entry${index} from '${entry}'\n`).join(''))

  for (const modules of MODULES) {
    const config = await project.write(`tsconfig.${modules.moduleResolution}.json`, JSON.stringify({
      compilerOptions: { ...modules, strict: true, noEmit: true, target: 'es2023', lib: ['es2023', 'esnext', 'dom', 'dom.iterable', 'dom.asynciterable'], skipLibCheck: false, typeRoots: [`${ROOT}/node_modules/@types`], types: ['node'] },
      files: [file]
    }))
    const problems = await compile(project, config)

    if (problems.length > 0) {
      throw new Error(`With moduleResolution ${modules.moduleResolution}:\n${problems.join('\n')}`)
    }
  }

  return `${project.entries.length} exports resolve (${MODULES.map(({ moduleResolution }) => moduleResolution).join(', ')})`
}

/** What TypeScript says about our files */
async function compile (project: Project, config: string): Promise<string[]> {
  try {
    await project.node([TYPESCRIPT, '--pretty', 'false', '-p', config])

    return []
  } catch (err: any) {
    const errors = String(err.message).split('\n').filter(line => /\): error TS|^error TS/.test(line))

    if (errors.length === 0) {
      // it is not the types then
      throw err
    }

    return errors.filter(line => line.includes(`node_modules/${project.manifest.name}/`) || !line.includes('node_modules/'))
  }
}
