import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import color from 'picocolors'
import { describeOwnAutoVote, describeSilence } from '../../client/on-silence.ts'
import { parseJson } from '../../consensus/encoding/json.ts'
import { parsePolicy, policyJsonSchema } from '../../consensus/policy/policy.ts'
import { addCommand, commandLine, withFull, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatClock, formatDuration, formatPart, formatPeers, formatVoters, printFields, printJson, printTable, shortDigest } from '../output.ts'
import { differenceToTwoThirds, policyFields } from '../policy.ts'
import type { JoinRequest, ScopeInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function scopeCommand (program: Command): void {
  const scope = program.command('scope').description('The scopes the node is a member of')

  addCommand(scope, 'add', 'Join a scope: by its policy file, or by its name for the open scope of that name', [
    'scope add council.json',
    'scope add lobby'
  ])
    .argument('<name|file.json>', 'what contains a "/" or ends in .json is a file')
    .action(add)

  withFull(addCommand(scope, 'list', 'The scopes the node is in', ['scope list', 'scope list --full'])).action(list)

  addCommand(scope, 'show', 'A scope with its policy', ['scope show council'])
    .argument('<scope>')
    .action(show)

  scope.command('schema')
    .description('Print the JSON Schema of policy files, for editors')
    .addHelpText('after', '\nExample:\n  $ libp2p-voting scope schema > scope-policy.schema.json')
    .action(() => { console.info(JSON.stringify(policyJsonSchema(), null, 2)) })

  addCommand(scope, 'retain', 'Say how long the single votes of ended proposals are kept. Results are kept for ever.', ['scope retain council 90d', 'scope retain council forever'])
    .argument('<scope>')
    .argument('<time>', 'since the end of a proposal: a number and s, m, h or d; or "forever", which is the default', parseRetention)
    .action(retain)

  addCommand(scope, 'remove', 'Leave a scope. What is stored of it stays.', ['scope remove council'])
    .argument('<scope>')
    .action(remove)
}

async function add (nameOrFile: string, { dataDir, json }: CommonOptions): Promise<void> {
  const request = /[/\\]|\.json$/i.test(nameOrFile) ? await readPolicy(nameOrFile) : { name: nameOrFile }
  const scope = await withNode(dataDir, async client => client.join(request))

  if (json === true) {
    printJson(scope)

    return
  }

  console.info(`Joined ${scope.name} (${formatVoters(scope)}).`)

  for (const warning of warningsOf(scope)) {
    console.info(color.yellow(warning))
  }

  if (!scope.mayVote) {
    console.info(`This node ${formatPart(scope)}. Compare the list with what "id" prints.`)
  }

  console.info(`Members have the same policy if they see this digest: ${scope.digest}`)
  console.info(`Next: ${scope.mayPropose ? commandLine(dataDir, 'propose', scope.name, 'Upgrade to version 2?', ...(scope.open ? ['--voters', '2'] : [])) : commandLine(dataDir, 'watch', scope.name)}`)
}

/** What to know of a scope's policy before anyone relies on it */
function warningsOf (scope: ScopeInfo): string[] {
  const { open, policy } = scope
  const difference = differenceToTwoThirds(policy)
  const silence = describeSilence(policy)
  const own = describeOwnAutoVote(scope)

  return [
    ...open ? ['Anyone may vote in it: whoever makes the most keys wins. Use open scopes to try things.'] : [],
    ...difference == null ? [] : [`Its threshold: ${difference}.`],
    ...silence.matters ? [`Silence: ${silence.text}.`] : [],
    ...own == null ? [] : [`${own.replace(/^t/, 'T')}.`]
  ]
}

async function list ({ dataDir, json }: CommonOptions): Promise<void> {
  const scopes = await withNode(dataDir, async client => client.scopes())

  if (json === true) {
    printJson(scopes)
  } else if (scopes.length === 0) {
    console.info(`The node is in no scope. Join one with: ${commandLine(dataDir, 'scope', 'add', 'council')}`)
  } else {
    printTable(['scope', 'voters', 'peers', 'digest'], scopes.map(scope => [scope.name, formatVoters(scope), formatPeers(scope), shortDigest(scope.digest)]))
  }
}

async function show (name: string, { dataDir, json }: CommonOptions): Promise<void> {
  const scope = await withNode(dataDir, async client => client.scope(name))

  if (json === true) {
    printJson(scope)
  } else {
    printScope(scope)
  }
}

async function retain (name: string, { seconds }: Pruner, { dataDir, json }: CommonOptions): Promise<void> {
  const scope = await withNode(dataDir, async client => client.configure(name, { retainVotesSeconds: seconds }))

  if (json === true) {
    printJson(scope)
  } else {
    console.info(`Votes in ${name} are kept ${formatRetention(scope)}. Results are kept for ever.`)
  }
}

/** In an object, since commander takes null for an argument that is missing */
interface Pruner {
  seconds: number | null
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function parseRetention (text: string): Pruner {
  if (text === 'forever') {
    return { seconds: null }
  }

  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []

  if (amount == null) {
    throw new InvalidArgumentError('It must be a number and s, m, h or d, like 90d, or "forever".')
  }

  return { seconds: Number(amount) * UNITS[unit] }
}

function formatRetention ({ retainVotesSeconds }: ScopeInfo): string {
  return retainVotesSeconds == null ? 'for ever' : `for ${formatDuration(retainVotesSeconds)} after a proposal's end`
}

async function remove (name: string, { dataDir, json }: CommonOptions): Promise<void> {
  await withNode(dataDir, async client => client.leave(name))

  if (json === true) {
    printJson({ removed: name })
  } else {
    console.info(`Left ${name}. What was stored of it stays.`)
  }
}

const READ_ERRORS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied'
}

/** The policy in a file, which is checked. Throws CliError. */
export async function readPolicy (file: string): Promise<JoinRequest> {
  let policy: unknown

  try {
    // editors of some systems begin files with a byte order mark
    policy = parseJson((await readFile(file, 'utf8')).replace(/^\ufeff/, ''))
  } catch (err: any) {
    throw new CliError(`The policy file ${file} cannot be read: ${READ_ERRORS[err.code] ?? err.message}`, EXIT.usage, { cause: err })
  }

  try {
    parsePolicy(policy)
  } catch (err: any) {
    throw new CliError(`${file}: ${err.message}`, EXIT.usage, { cause: err })
  }

  return { policy: policy as JoinRequest['policy'] }
}

function printScope (scope: ScopeInfo): void {
  const { name, digest, topic, policy, peers, otherPolicies, otherSigning } = scope
  const clock = formatClock(scope)
  const own = describeOwnAutoVote(scope)

  printFields([
    ['scope', name],
    ...policyFields(policy),
    ['this node', formatPart(scope)],
    ...own == null ? [] : [['auto-vote', own] as [string, string]],
    ['votes kept', formatRetention(scope)],
    ['digest', digest],
    ['topic', topic],
    ...clock == null ? [] : [[color.yellow('clock'), clock] as [string, string]],
    ['peers', formatPeers(scope)],
    ...peers.map((peer): [string, string] => ['', peer]),
    ...otherSigning.map(({ peer, signing }): [string, string] => [color.yellow('other signing'), `${peer} has ${signing}: start both with the same --gossip-signing`]),
    ...otherPolicies.map(({ peer, digest }): [string, string] => [color.yellow('other policy'), `${peer} has ${digest}`])
  ])
}
