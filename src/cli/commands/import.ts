import { addCommand, withNode } from '../command.ts'
import { formatState, printJson, printable } from '../output.ts'
import { readProof } from '../proofs.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function importCommand (program: Command): void {
  addCommand(program, 'import', 'Give the node a certificate or an evidence file. It is checked as what members send; nothing is stored of one that is refused.', ['import council-1234567890.cert'])
    .argument('<file>', '- for standard input')
    .action(importFrom)
}

async function importFrom (file: string, { dataDir, json }: CommonOptions): Promise<void> {
  const bytes = await readProof(file)

  await withNode(dataDir, async client => {
    const imported = await client.importProof(bytes)
    const { kind, scope, proposalId, isNew } = imported

    if (json === true) {
      printJson(imported)
      return
    }

    const state = formatState(await client.proposal(scope, proposalId))

    console.info(`${isNew ? 'Imported' : 'Known already:'} the ${kind} about proposal ${proposalId} in ${printable(scope)}, whose result here is: ${state}.`)
  })
}
