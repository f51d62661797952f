import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { systemClock } from '../../consensus/clock.ts'
import { DataDirectory } from '../../node/host/data-directory.ts'
import { temporaryName } from '../../node/host/files.ts'
import { defaultLockDirectory } from '../../node/host/running-node.ts'
import { addCommand, commandLine, shellLine } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { count, printJson, printTable, printable } from '../output.ts'
import type { DamagedRecord } from '../../storage/level/level-storage.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface ImportOptions extends CommonOptions {
  lockDir: string
}

export function storeCommand (program: Command): void {
  const store = program.command('store').description('What a node has stored, while it is stopped: check, repair, export, import')

  addCommand(store, 'check', 'Read all of the store and list what is damaged. No record is changed.', ['store check', 'store check --json'])
    .action(check)

  addCommand(store, 'repair', 'Keep what is whole and drop the rest. The store as it was stays beside it.', ['store repair'])
    .action(repair)

  addCommand(store, 'export', 'Write policies, proposals and votes as lines of JSON', ['store export council.ndjson', 'store export | gzip > council.ndjson.gz'])
    .argument('[file]', 'where to; the terminal or a pipe without it')
    .action(exportTo)

  addCommand(store, 'import', 'Take in an export. All of it is checked as if it came from the network; outcomes are computed anew.', ['store import council.ndjson', 'store import - < council.ndjson'])
    .argument('<file>', '- for standard input')
    .option('--lock-dir <path>', 'where it is kept what the keys of this user have voted; also LIBP2P_VOTING_LOCK_DIR', path => resolve(path), defaultLockDirectory())
    .action(importFrom)
}

async function check ({ dataDir, json }: CommonOptions): Promise<void> {
  const { inspectStore } = await import('../../storage/integrity/inspect.ts')
  const { store } = await DataDirectory.find(dataDir)
  const damaged = await inspectStore(store)

  if (json === true) {
    printJson({ damaged })
  } else if (damaged.length === 0) {
    console.info(`The store ${store} is whole.`)
  } else {
    printRecords(damaged)
    console.info(`${count(damaged.length, 'problem')} in the store ${store}. Restore it from a backup, or keep what is whole with: ${commandLine(dataDir, 'store', 'repair')}`)
  }

  if (damaged.length > 0) {
    process.exitCode = EXIT.damaged
  }
}

async function repair ({ dataDir, json }: CommonOptions): Promise<void> {
  const { repairStore } = await import('../../storage/integrity/repair-store.ts')
  const { store } = await DataDirectory.find(dataDir)
  const result = await repairStore(store, systemClock())

  if (json === true) {
    printJson(result)
  } else if (result.backup == null) {
    console.info(`The store ${store} is whole. Nothing was changed.`)
  } else {
    printRecords(result.lost)
    console.info(`The store ${store} can be used again, without the above. As it was before, it is ${result.backup}.`)
  }
}

async function exportTo (file: string | undefined, { dataDir, json }: CommonOptions): Promise<void> {
  const { LevelStorage } = await import('../../storage/level/level-storage.ts')
  const { exportStore } = await import('../../storage/export/export.ts')

  if (file != null && existsSync(resolve(file))) {
    throw existing(resolve(file))
  }

  const storage = await LevelStorage.open((await DataDirectory.find(dataDir)).store)

  try {
    const lines = exportStore(storage)

    if (file == null) {
      for await (const line of lines) {
        if (!process.stdout.write(line)) {
          await once(process.stdout, 'drain')
        }
      }
    } else {
      await writeWhole(resolve(file), lines)
      json === true ? printJson({ file: resolve(file) }) : console.info(`Exported to ${resolve(file)}.`)
    }
  } finally {
    await storage.close()
  }
}

/** A file is there whole, or not at all, and takes the place of no other */
async function writeWhole (path: string, lines: AsyncIterable<string>): Promise<void> {
  const temporary = temporaryName(path)

  try {
    const file = await open(temporary, 'wx', 0o600)

    try {
      for await (const line of lines) {
        await file.write(line)
      }

      await file.sync()
    } finally {
      await file.close()
    }

    // unlike a rename it fails if there is one
    await link(temporary, path)
  } catch (err: any) {
    if (err.code === 'EEXIST') {
      throw existing(path, err)
    }

    throw err.code == null ? err : new CliError(`The export cannot be written to ${path}: ${err.message}`, err.code === 'ENOSPC' ? EXIT.notStored : EXIT.usage, { cause: err })
  } finally {
    await rm(temporary, { force: true })
  }
}

function existing (path: string, cause?: Error): CliError {
  return new CliError(`The file ${path} is there already, and is left as it is. Give another name, or remove it first: ${shellLine('rm', path)}`, EXIT.usage, { cause })
}

async function importFrom (file: string, { dataDir, lockDir, json }: ImportOptions): Promise<void> {
  const { importStore } = await import('../../node/import/import-store.ts')
  const { loadIdentity } = await import('../../node/host/identity.ts')
  const { expectClosed } = await import('../../storage/integrity/folder-lock.ts')
  const { readExport } = await import('../../storage/export/reader.ts')
  const { LevelStorage } = await import('../../storage/level/level-storage.ts')
  const { FileVoteLock } = await import('../../storage/vote-lock/file-vote-lock.ts')
  const { ethereumScheme, identityToAddress } = await import('../../signers/ethereum.ts')
  const directory = await DataDirectory.find(dataDir)
  const { signer } = await loadIdentity(directory.keys, false)
  await expectClosed(directory.store)

  if (file !== '-') {
    // opening a store changes its files, so what is cut off is found out before
    await readToItsEnd(readExport(bytesOf(file)))
  }

  // votes of another key would be taken for those of this one
  const storage = await LevelStorage.open(directory.store, { owner: identityToAddress(signer.identity) })

  try {
    const summary = await importStore(storage, bytesOf(file), {
      scheme: ethereumScheme(),
      identity: signer.identity,
      voteLock: new FileVoteLock(lockDir),
      temporaryFolder: directory.path
    })

    if (json === true) {
      printJson(summary)
      return
    }

    const { policiesAdded, proposalsAdded, proposalsExtended, proposalsKnown, votesAdded, collisionsAdded, leftOut, differences } = summary

    for (const { scope, proposalId, exported, computed } of differences) {
      console.info(`Proposal ${proposalId} in ${printable(scope)}: the file says ${exported}, its votes say ${computed}, which is what is stored.`)
    }

    for (const [reason, number] of Object.entries(leftOut)) {
      console.info(`${count(number, 'proposal')} left out: ${reason}.`)
    }

    if (collisionsAdded > 0) {
      console.info(`${collisionsAdded === 1 ? 'One id has' : `${collisionsAdded} ids have`} two proposals: "libp2p-voting status" names them once the node runs.`)
    }

    console.info(`Imported ${count(proposalsAdded, 'proposal')} and ${count(votesAdded, 'vote')}, joined ${count(policiesAdded, 'scope')}; ${proposalsExtended} known proposals got votes, ${proposalsKnown} were known.`)
  } finally {
    await storage.close()
  }
}

async function readToItsEnd (entries: AsyncIterable<unknown>): Promise<void> {
  for await (const entry of entries) {
    // each is validated by the import
    void entry
  }
}

async function * bytesOf (file: string): AsyncGenerator<Uint8Array> {
  try {
    yield * file === '-' ? process.stdin : createReadStream(file)
  } catch (err: any) {
    throw new CliError(`The export ${file} cannot be read: ${err.code === 'ENOENT' ? 'there is no such file' : err.message}`, EXIT.usage, { cause: err })
  }
}

function printRecords (records: DamagedRecord[]): void {
  printTable(['kind', 'scope', 'proposal', 'problem'], records.map(({ kind, scope, proposalId, problem }) => [printable(kind), printable(scope ?? ''), `${proposalId ?? ''}`, printable(problem)]))
}
