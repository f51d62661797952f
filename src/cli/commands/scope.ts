import { readFile } from 'node:fs/promises'
import color from 'picocolors'
import { parsePolicy, policyJsonSchema } from '../../consensus/policy.ts'
import { addCommand, commandLine, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { OPEN, formatPeers, formatShare, formatVoters, printFields, printJson, printTable } from '../output.ts'
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

  addCommand(scope, 'list', 'The scopes the node is in', ['scope list']).action(list)

  addCommand(scope, 'show', 'A scope with its policy', ['scope show council'])
    .argument('<scope>')
    .action(show)

  scope.command('schema')
    .description('Print the JSON Schema of policy files, for editors')
    .addHelpText('after', '\nExample:\n  $ libp2p-voting scope schema > scope-policy.schema.json')
    .action(() => { console.info(JSON.stringify(policyJsonSchema(), null, 2)) })

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
  console.info(`Members have the same policy if they see this digest: ${scope.digest}`)
  console.info(`Next: ${commandLine(dataDir, 'propose', scope.name, 'Upgrade to version 2?', ...(scope.open ? ['--voters', '2'] : []))}`)
}

async function list ({ dataDir, json }: CommonOptions): Promise<void> {
  const scopes = await withNode(dataDir, async client => client.scopes())

  if (json === true) {
    printJson(scopes)
  } else if (scopes.length === 0) {
    console.info(`The node is in no scope. Join one with: ${commandLine(dataDir, 'scope', 'add', 'council')}`)
  } else {
    printTable(['scope', 'voters', 'peers', 'digest'], scopes.map(scope => [scope.name, formatVoters(scope), formatPeers(scope), `${scope.digest.slice(0, 16)}…`]))
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

async function readPolicy (file: string): Promise<JoinRequest> {
  let policy: unknown

  try {
    // editors of some systems begin files with a byte order mark
    policy = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, ''))
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

function printScope ({ name, open, digest, topic, policy, peers, otherPolicies }: ScopeInfo): void {
  printFields([
    ['scope', name],
    ...(policy.voters ?? [OPEN]).map((voter, index): [string, string] => [index === 0 ? 'voters' : '', voter]),
    ...(policy.proposers ?? [open ? 'anyone' : 'the voters']).map((proposer, index): [string, string] => [index === 0 ? 'proposers' : '', proposer]),
    ['decided by', `${policy.decisionRule}, ${formatShare(policy.threshold)} of the voters`],
    ['silence', formatSilence(policy)],
    ['time to vote', `${policy.defaultTimeoutSeconds} s, at least ${policy.minLifetimeSeconds} s`],
    ['digest', digest],
    ['topic', topic],
    ['peers', formatPeers({ peers, otherPolicies })],
    ...peers.map((peer): [string, string] => ['', peer]),
    ...otherPolicies.map(({ peer, digest }): [string, string] => [color.yellow('other policy'), `${peer} has ${digest}`])
  ])
}

function formatSilence ({ livenessCriteriaYes }: ScopeInfo['policy']): string {
  return livenessCriteriaYes == null ? 'counts for the side the proposer says' : `counts as ${livenessCriteriaYes ? 'yes' : 'no'}`
}
