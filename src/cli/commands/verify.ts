import { bytesToHex } from '@noble/hashes/utils.js'
import { Option } from 'commander'
import { parsePolicy, policyDigest } from '../../consensus/policy/policy.ts'
import { DataDirectory } from '../../node/host/data-directory.ts'
import { addCommand, withFull, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../output.ts'
import { inspectProof, printProof, proofToJson, readProof } from '../proofs.ts'
import { readPolicy } from './scope.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface VerifyOptions extends CommonOptions {
  policy?: string
  digest?: string
  scope?: string
}

export function verifyCommand (program: Command): void {
  withFull(addCommand(program, 'verify', 'Check a certificate or an evidence file, without a node or a network. Exit code 0 if it holds under the policy that is given, 1 if it does not, 3 if it agrees with itself and no policy is given: anybody can make a policy.', [
    'verify council-1234567890.cert --policy council.json',
    'verify council-1234567890.cert --digest 5a0b…',
    'verify council-1234567890.cert --scope council'
  ]))
    .argument('<file>', '- for standard input')
    .addOption(new Option('--policy <file>', 'the policy file of the scope').conflicts(['digest', 'scope']))
    .addOption(new Option('--digest <hex>', 'the digest of its policy, as members see it').conflicts(['policy', 'scope']))
    .addOption(new Option('--scope <name>', 'a scope that the node of the data directory is in').conflicts(['policy', 'digest']))
    .action(verify)
}

async function verify (file: string, options: VerifyOptions): Promise<void> {
  const expected = await expectedDigest(options)
  const found = await inspectProof(await readProof(file))
  const digest = bytesToHex(found.proof.policyDigest)

  if (expected != null && expected !== digest) {
    throw new CliError(`The ${found.kind} proves nothing here: its policy has the digest ${digest}, and ${expected} is wanted`, EXIT.failure)
  }

  if (options.json === true) {
    printJson({ ...proofToJson(found), policyChecked: expected != null })
  } else {
    printProof(found)
    console.info(expected == null
      ? `The ${found.kind} agrees with itself, and its policy was not checked: anybody can make one. Compare its digest, ${digest}, with that of the scope, or give it with --policy, --digest or --scope`
      : `The ${found.kind} holds.`)
  }

  if (expected == null) {
    process.exitCode = EXIT.policyNotChecked
  }
}

/** The digest that the policy must have, 64 hex digits; undefined if nothing was said */
async function expectedDigest ({ policy, digest, scope, dataDir }: VerifyOptions): Promise<string | undefined> {
  if (policy != null) {
    return bytesToHex(policyDigest(parsePolicy((await readPolicy(policy)).policy)))
  }

  if (scope != null) {
    return digestOfScope(dataDir, scope)
  }

  if (digest != null && !/^(0x)?[0-9a-f]{64}$/i.test(digest)) {
    throw new CliError(`--digest must be 64 hex digits, got ${JSON.stringify(digest.slice(0, 80))}`, EXIT.usage)
  }

  return digest?.toLowerCase().replace(/^0x/, '')
}

/** As the node of a data directory has it, whether it runs or not */
async function digestOfScope (dataDir: string, name: string): Promise<string> {
  try {
    return (await withNode(dataDir, async client => client.scope(name))).digest
  } catch (err) {
    if (!(err instanceof CliError && err.exitCode === EXIT.notRunning)) {
      throw err
    }
  }

  const { LevelStorage } = await import('../../storage/level/level-storage.ts')
  const storage = await LevelStorage.open((await DataDirectory.find(dataDir)).store)

  try {
    const policies = await storage.listPolicies()
    const policy = policies.find(policy => policy.name === name)

    if (policy == null) {
      throw new CliError(`The node of ${dataDir} is not in scope "${name}"; it is in ${policies.length === 0 ? 'none' : policies.map(({ name }) => name).join(', ')}`, EXIT.notFound)
    }

    return bytesToHex(policyDigest(policy))
  } finally {
    await storage.close()
  }
}
