import { readFile, stat } from 'node:fs/promises'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { ApiProblemError } from '../../client/index.ts'
import { describeSilence } from '../../client/on-silence.ts'
import { MAX_LIFETIME_SECONDS, MAX_VOTERS } from '../../consensus/policy/policy.ts'
import { MAX_PAYLOAD_LENGTH } from '../../consensus/policy/scope-rules.ts'
import { addCommand, parseWholeNumber, parseYesNo, withNode } from '../command.ts'
import { printDecision } from '../count-up.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDistance, formatId, formatScope, printJson } from '../output.ts'
import { voteCommandLine } from '../proposals.ts'
import type { Choice } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface ProposeOptions extends CommonOptions {
  payload?: string
  payloadFile?: string
  payloadHex?: string
  timeout?: number
  voters?: number
  liveness?: Choice
  wait?: boolean
}

/** Fields of a request, and the options that set them */
const OPTIONS: Array<[field: RegExp, option: string]> = [
  [/\bexpectedVotersCount\b/g, '--voters'],
  [/\btimeoutSeconds\b/g, '--timeout'],
  [/\blivenessCriteriaYes\b/g, '--liveness']
]

export function proposeCommand (program: Command): void {
  addCommand(program, 'propose', 'Propose something to the members of a scope', [
    'propose council "Upgrade to version 2?"',
    'propose lobby "Lunch at noon?" --voters 3 --timeout 120 --wait'
  ])
    .argument('<scope>')
    .argument('<name>', 'what is asked, for people')
    .option('--payload <text>', 'what is decided, for machines')
    .option('--payload-file <file>', 'the same, from a file')
    .option('--payload-hex <hex>', 'the same, as hex digits')
    .option('--timeout <seconds>', 'how long votes are taken (default: as the policy says)', parseWholeNumber(1, MAX_LIFETIME_SECONDS))
    .option('--voters <number>', 'how many may vote; needed in open scopes', parseWholeNumber(1, MAX_VOTERS))
    .option('--liveness <yes|no>', 'the side of silent voters, where the policy leaves it to the proposer (default: yes)', parseYesNo)
    .option('--wait', 'wait for the decision')
    .action(propose)
}

async function propose (scope: string, name: string, options: ProposeOptions): Promise<void> {
  const { dataDir, json, wait } = options
  const payload = await readPayload(options)

  await withNode(dataDir, async client => {
    const { policy } = await client.scope(scope)
    const { proposerChooses } = describeSilence(policy)

    if (options.liveness != null && !proposerChooses) {
      throw new CliError(`--liveness has no effect in scope "${scope}": ${describeSilence(policy).text}, whatever the proposer says. Leave it out`, EXIT.usage)
    }

    const proposal = await client.propose(scope, {
      name,
      payload: payload == null ? undefined : `0x${toString(payload, 'hex')}`,
      timeoutSeconds: options.timeout,
      expectedVotersCount: options.voters,
      livenessCriteriaYes: options.liveness == null ? undefined : options.liveness === 'yes'
    }).catch(err => { throw inOptions(err) })

    if (json === true) {
      if (wait !== true) {
        printJson(proposal)
      }
    } else {
      console.info(`Proposed ${formatId(proposal)} in ${formatScope(scope, proposal.open)}; voting ends ${formatDistance(proposal.deadline)}.`)

      if (proposerChooses) {
        console.info(`Silence: ${describeSilence({ ...policy, livenessCriteriaYes: proposal.livenessCriteriaYes }).text}${options.liveness == null ? '; --liveness sets it' : ''}.`)
      }

      console.info(`Vote with: ${voteCommandLine(dataDir, proposal)}`)
    }

    if (wait === true) {
      await printDecision(client, proposal, json)
    }
  })
}

async function readPayload ({ payload, payloadFile, payloadHex }: ProposeOptions): Promise<Uint8Array | undefined> {
  if ([payload, payloadFile, payloadHex].filter(value => value != null).length > 1) {
    throw new CliError('Only one of --payload, --payload-file and --payload-hex can be given', EXIT.usage)
  }

  if (payloadFile != null) {
    return readPayloadFile(payloadFile)
  }

  if (payloadHex != null) {
    return checkLength(parseHex(payloadHex))
  }

  return payload == null ? undefined : checkLength(fromString(payload))
}

function checkLength (bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > MAX_PAYLOAD_LENGTH) {
    throw tooBig(bytes.byteLength)
  }

  return bytes
}

async function readPayloadFile (file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)

    // not read into memory if it cannot be sent anyway
    if (size > MAX_PAYLOAD_LENGTH) {
      throw tooBig(size)
    }

    return checkLength(await readFile(file))
  } catch (err: any) {
    if (err instanceof CliError) {
      throw err
    }

    throw new CliError(`The payload file ${file} cannot be read: ${err.code === 'ENOENT' ? 'there is no such file' : err.message}`, EXIT.usage, { cause: err })
  }
}

function parseHex (text: string): Uint8Array {
  const digits = text.replace(/^0x/i, '').toLowerCase()

  if (!/^([0-9a-f]{2})*$/.test(digits)) {
    throw new CliError(`--payload-hex must be an even number of hex digits, got ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)}`, EXIT.usage)
  }

  return fromString(digits, 'hex')
}

function tooBig (length: number): CliError {
  return new CliError(`The payload must be at most ${MAX_PAYLOAD_LENGTH} bytes, got ${length}. Propose its digest and keep the content elsewhere`, EXIT.usage)
}

/** Names the options where the node names fields */
function inOptions (err: unknown): unknown {
  if (!(err instanceof ApiProblemError) || err.kind !== 'InvalidRequestError') {
    return err
  }

  const detail = OPTIONS.reduce((text, [field, option]) => text.replaceAll(field, option), err.problem.detail)

  return new ApiProblemError({ ...err.problem, detail })
}
