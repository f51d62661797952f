import { resolve } from 'node:path'
import color from 'picocolors'
import { addCommand, withFull } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { count, printJson, printable, terminalColumns } from '../output.ts'
import { wrap } from '../terminal/text.ts'
import type { CommonOptions } from '../command.ts'
import type { Check, Finding, Level } from '../doctor/findings.ts'
import type { Command } from 'commander'

const COLOURS: Record<Level, (text: string) => string> = { ok: color.green, warning: color.yellow, problem: color.red }

/** Columns of the longest level and check, and a space after each */
const LEVEL_COLUMNS = 9
const CHECK_COLUMNS = 11

/** Narrower than this lines are broken by the terminal */
const MIN_COLUMNS = 16

export function doctorCommand (program: Command): void {
  withFull(addCommand(program, 'doctor', 'Look for what keeps the node from working, and say what to do about it. Ends with 1 if there is a problem.', ['doctor', 'doctor --config node.yaml', 'doctor --json']))
    .option('--config <file>', 'configuration file of the node; also LIBP2P_VOTING_CONFIG (default: config.yaml in the data directory, if there is one)', path => resolve(path))
    .option('--lock-dir <path>', 'lock directory of the node, where none runs; also LIBP2P_VOTING_LOCK_DIR (default: the one it was last started with)', path => resolve(path))
    .action(doctor)
}

async function doctor ({ dataDir, config, lockDir, json }: CommonOptions & { config?: string, lockDir?: string }, command: Command): Promise<void> {
  const findings = await examineAll({ options: { lockDir }, config, dataDirectory: command.getOptionValueSource('dataDir') === 'cli' ? dataDir : undefined })
  const problems = findings.filter(({ level }) => level === 'problem').length
  const warnings = findings.filter(({ level }) => level === 'warning').length

  if (json === true) {
    printJson({ ok: problems === 0, findings })
  } else {
    findings.forEach(printFinding)
    console.info(`\n${problems === 0 ? 'No problem' : count(problems, 'problem')}, ${count(warnings, 'warning')}.`)
  }

  if (problems > 0) {
    process.exitCode = EXIT.failure
  }
}

async function examineAll (given: { options: Record<string, unknown>, config?: string, dataDirectory?: string }): Promise<Finding[]> {
  // what these need takes time that the other commands need not wait
  const { effectiveConfig } = await import('../config/effective.ts')
  const { examine, ok, problem, warning } = await import('../doctor/findings.ts')
  const { checkNode } = await import('../doctor/node.ts')
  const { checkFiles } = await import('../doctor/files.ts')
  const { checkBootstrap, checkPorts } = await import('../doctor/network.ts')
  const { checkScopes } = await import('../doctor/scopes.ts')
  const { checkAlarms } = await import('../doctor/alarms.ts')
  const { checkClock } = await import('../doctor/clock.ts')
  const config = await effectiveConfig(given).catch((err: Error) => err)

  if (config instanceof Error) {
    return [problem('config', config.message, 'Correct it; nothing else was looked at')]
  }

  const subject = await examine(config.settings, { locksAreGiven: config.from.lockDirectory !== 'default' })
  const checks: Check[] = [checkNode, checkFiles, checkPorts, checkBootstrap, checkScopes, checkAlarms, checkClock]

  return [
    ok('config', config.file == null ? 'there is no configuration file, which is fine' : `${config.file} is valid`),
    ...config.unknownVariables.map(name => warning('config', `the variable ${name} means nothing here`, 'It may be misspelt: see "libp2p-voting start --help"')),
    ...(await Promise.all(checks.map(async check => check(subject)))).flat()
  ]
}

function printFinding ({ check, level, message, advice }: Finding): void {
  const indent = LEVEL_COLUMNS + CHECK_COLUMNS
  const width = Math.max(terminalColumns() - indent, MIN_COLUMNS)
  const [first, ...others] = [message, ...advice == null ? [] : [advice]].flatMap(text => wrap(printable(text), width))

  console.info(`${COLOURS[level](level.padEnd(LEVEL_COLUMNS))}${color.dim(check.padEnd(CHECK_COLUMNS))}${first}`)
  others.forEach(line => { console.info(`${' '.repeat(indent)}${line}`) })
}
