import { Command } from 'commander'
import { version } from '../node/host/version.ts'
import { certificateCommand } from './commands/certificate.ts'
import { completionCommand } from './commands/completion.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evidenceCommand } from './commands/evidence.ts'
import { idCommand } from './commands/id.ts'
import { importCommand } from './commands/import.ts'
import { initCommand } from './commands/init.ts'
import { listCommand } from './commands/list.ts'
import { openCommand } from './commands/open.ts'
import { peersCommand } from './commands/peers.ts'
import { proposeCommand } from './commands/propose.ts'
import { scopeCommand } from './commands/scope.ts'
import { showCommand } from './commands/show.ts'
import { startCommand } from './commands/start.ts'
import { statusCommand } from './commands/status.ts'
import { storeCommand } from './commands/store.ts'
import { verifyCommand } from './commands/verify.ts'
import { voteCommand } from './commands/vote.ts'
import { watchCommand } from './commands/watch.ts'
import { EXIT_HELP } from './exit-codes.ts'

/** All commands by what they are for, as they appear in the help */
const GROUPS: Record<string, Array<(program: Command) => void>> = {
  'Run:': [startCommand, idCommand, statusCommand, peersCommand, openCommand],
  'Decide:': [proposeCommand, voteCommand, listCommand, showCommand, watchCommand],
  'Scopes:': [initCommand, scopeCommand],
  'Proofs:': [certificateCommand, verifyCommand, importCommand, evidenceCommand],
  'Look after:': [doctorCommand, storeCommand, completionCommand]
}

export function createProgram (): Command {
  const program = new Command('libp2p-voting')
    .description('Vote with other nodes over libp2p. Start a node, then talk to it from another terminal.')
    .version(version)
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', `
Example:
  $ libp2p-voting start
  $ libp2p-voting scope add council
  $ libp2p-voting propose council "Upgrade to version 2?" --voters 2
${EXIT_HELP}`)

  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading)

    for (const add of commands) {
      add(program)
    }
  }

  return program
}
