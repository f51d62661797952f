import { Argument } from 'commander'
import { defaultDataDirectory } from '../../node/host/running-node.ts'
import { candidates } from '../completion/candidates.ts'
import { COMPLETE, INSTALL, SHELLS, completionScript } from '../completion/scripts.ts'
import type { Shell } from '../completion/scripts.ts'
import type { Command } from 'commander'

export function completionCommand (program: Command): void {
  program.command('completion')
    .description('Print what makes a shell complete commands, options, scopes and proposals')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .addHelpText('after', `\nExamples, for new terminals:\n${SHELLS.map(shell => `  $ ${INSTALL[shell]}`).join('\n')}\nIn this one, with bash:\n  $ source <(libp2p-voting completion bash)`)
    .action((shell: Shell) => { process.stdout.write(completionScript(shell)) })

  // what the scripts ask
  program.command(COMPLETE, { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      for (const { value, description } of await candidates(program, words, defaultDataDirectory())) {
        console.info(`${value}\t${description}`)
      }
    })
}
