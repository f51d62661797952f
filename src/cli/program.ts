import { Command } from 'commander'
import { version } from '../node/version.ts'
import { certificateCommand } from './commands/certificate.ts'
import { evidenceCommand } from './commands/evidence.ts'
import { idCommand } from './commands/id.ts'
import { importCommand } from './commands/import.ts'
import { listCommand } from './commands/list.ts'
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

/** All commands, as they appear in the help */
const COMMANDS = [startCommand, idCommand, statusCommand, peersCommand, scopeCommand, proposeCommand, voteCommand, listCommand, showCommand, watchCommand, certificateCommand, verifyCommand, importCommand, evidenceCommand, storeCommand]

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

  for (const add of COMMANDS) {
    add(program)
  }

  return program
}
