import { addCommand, withNode } from '../command.ts'
import { printFields, printJson } from '../output.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function idCommand (program: Command): void {
  addCommand(program, 'id', 'Who the node is: peer id, address it votes as, where it listens', ['id', 'id --json'])
    .action(async ({ dataDir, json }: CommonOptions) => {
      const { peerId, voter, addresses } = await withNode(dataDir, async client => client.id())

      if (json === true) {
        printJson({ peerId, voter, addresses })

        return
      }

      printFields([
        ['peer id', peerId],
        ['voter', voter],
        ...addresses.map((address, index): [string, string] => [index === 0 ? 'listening' : '', address])
      ])
    })
}
