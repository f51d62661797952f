/**
 * What tools say about the package's package.json and its declarations.
 */

import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { filterProblems, problemKindInfo } from '@arethetypeswrong/core/problems'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { ResolutionKind } from '@arethetypeswrong/core'

/**
 * How TypeScript finds the types of an import. The other two are not for us: `node10` knows nothing of `exports` and is
 * deprecated, and `node16-cjs` is for `require`, which a package that is ESM only, as libp2p's are, does not offer.
 */
const RESOLUTIONS: ResolutionKind[] = ['node16-esm', 'bundler']

/**
 * A suggestion that is not followed: `imports` instead of the `browser` field would name compiled files, and tests run from
 * source. Every bundler reads the field, and the packages of libp2p have it too.
 */
const DECLINED = ['USE_EXPORTS_OR_IMPORTS_BROWSER']

/** Suggestions count as well */
export async function lintPackage (tarball: string): Promise<string> {
  const { messages, pkg } = await publint({ pack: { tarball: arrayBufferOf(await readFile(tarball)) }, strict: true })
  const problems = messages.filter(({ code }) => !DECLINED.includes(code))

  if (problems.length > 0) {
    throw new Error(problems.map(message => `${message.type}: ${formatMessage(message, pkg ?? {}, { color: false })}`).join('\n'))
  }

  return `nothing, besides what is declined (${DECLINED.join(', ')})`
}

export async function lintTypes (tarball: string): Promise<string> {
  const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarball)))

  if (analysis.types === false) {
    throw new Error('The package has no types')
  }

  const entries = Object.entries(analysis.entrypoints)
  const problems = RESOLUTIONS.flatMap(resolution => filterProblems(analysis, { resolutionKind: resolution })
    .map(problem => `${resolution}: ${problemKindInfo[problem.kind].title}: ${JSON.stringify(problem)}`))
  const unresolved = RESOLUTIONS.flatMap(resolution => entries
    .filter(([, { resolutions }]) => resolutions[resolution].resolution?.isTypeScript !== true)
    .map(([entry]) => `${resolution}: ${entry} has no types`))

  if (problems.length + unresolved.length > 0) {
    throw new Error([...problems, ...unresolved].join('\n'))
  }

  return `no problem in ${entries.length} exports (${RESOLUTIONS.join(', ')})`
}

function arrayBufferOf (bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
