import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import color from 'picocolors'
import { toString } from 'uint8arrays/to-string'
import { parsePolicy, policyDigest } from '../../consensus/policy/policy.ts'
import { addCommand, commandLine, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { askAll } from '../init/ask.ts'
import { QUESTIONS, SILENCES, policyOf } from '../init/questions.ts'
import { existing, writeNewFile } from '../init/write-new-file.ts'
import { printFields, printJson } from '../output.ts'
import { policyFields } from '../policy.ts'
import type { ScopePolicyInput } from '../../consensus/policy/policy.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface InitOptions extends CommonOptions {
  name?: string
  voters?: string[]
  threshold?: string
  time?: string
  silence?: string
  output?: string
}

export function initCommand (program: Command): void {
  addCommand(program, 'init', 'Write the policy file of a new scope, from a few questions. Options answer them beforehand.', [
    'init',
    'init --name council --voters 0x4295… 0xD97F… --threshold 2/3 --time 1h --silence nothing'
  ])
    .option('--name <name>', `name of the scope: ${QUESTIONS.name.hint}`)
    .option('--voters <address...>', `who may vote: ${QUESTIONS.voters.hint}`)
    .option('--threshold <share>', `share of the voters that a side needs: ${QUESTIONS.threshold.hint}`)
    .option('--time <time>', `how long a proposal is open unless its proposer says: ${QUESTIONS.seconds.hint}`)
    .addOption(new Option('--silence <what>', `what the silence of a voter means: what the voter's own node then votes: ${QUESTIONS.silence.hint}`).choices(SILENCES))
    .option('--output <file>', 'where to write it (default: the name of the scope and .json, in this folder)', path => resolve(path))
    .action(init)
}

async function init ({ dataDir, json, name, voters, threshold, time, silence, output }: InitOptions): Promise<void> {
  if (output != null && existsSync(output)) {
    throw existing(output)
  }

  const answers = await askAll({ name, voters: voters?.join(' '), threshold, seconds: time, silence }, voters == null && process.stdin.isTTY ? await ownAddress(dataDir) : undefined)
  const file = output ?? resolve(`${answers.name}.json`)
  const input = policyOf(answers)
  const policy = parsePolicy(input)
  const digest = toString(policyDigest(policy), 'hex')

  await writeNewFile(file, `${JSON.stringify(input, null, 2)}\n`)

  if (json === true) {
    printJson({ file, digest, policy })

    return
  }

  console.info(`\nWritten to ${file}:`)
  printFields(policyFields(policy).map(([field, value]) => [`  ${field}`, value]))
  printNext(dataDir, file, digest, input)
}

function printNext (dataDir: string, file: string, digest: string, { name }: ScopePolicyInput): void {
  console.info('\nJoin it, with a node that runs:')
  console.info(`  ${commandLine(dataDir, 'scope', 'add', file)}`)
  console.info('Send the file to the other members. Each of them joins with:')
  console.info(`  libp2p-voting scope add ${name}.json`)
  console.info('All members must have the same policy. They have if they see this digest; compare it aloud:')
  console.info(`  ${color.bold(digest)}`)
}

/** What to answer for this node, if one runs */
async function ownAddress (dataDir: string): Promise<string> {
  try {
    const { voter } = await withNode(dataDir, async client => client.id())

    return color.dim(`This node votes as ${voter}.`)
  } catch (err) {
    if (!(err instanceof CliError) || err.exitCode !== EXIT.notRunning) {
      throw err
    }

    return color.dim('No node runs here. When it does, "libp2p-voting id" prints the address it votes as.')
  }
}
