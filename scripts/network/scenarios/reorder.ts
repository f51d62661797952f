import { generatePrivateKey } from 'viem/accounts'
import { ethereumSigner } from '../../../src/signers/ethereum.ts'
import { makeProposal, makeVote } from '../messages.ts'
import { SCOPE } from '../network.ts'
import { line } from '../topology.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Scenario } from '../stage.ts'

const TIMEOUT_SECONDS = 60

export const reorder: Scenario = {
  name: 'reorder',
  description: 'votes reach every node before the proposal they are cast on',
  nodes: { least: 2, usual: 3 },
  run: async stage => {
    const { signal } = stage
    const strangers = [ethereumSigner(generatePrivateKey()), ethereumSigner(generatePrivateKey())]
    const network = await stage.network({ topology: line(stage.nodes), policy: QUICK, voters: strangers })

    await network.start()
    await network.join()
    await network.meshed()

    // what one end is told comes out at the other when all between have taken it in
    const speaker = await stage.peer(network)
    const listener = await stage.peer(network)

    await speaker.meet(network.nodes[0], SCOPE)
    await listener.meet(network.nodes[stage.nodes - 1], SCOPE)

    const proposal = await makeProposal(strangers[0], network.policy, 'The votes came first', TIMEOUT_SECONDS)
    const votes = await Promise.all(strangers.map(async voter => makeVote(voter, proposal, true)))

    for (const [index, vote] of votes.entries()) {
      await speaker.say(vote)
      await listener.hears(vote, `vote ${index + 1} going through all nodes`)
    }

    for (const node of network.nodes) {
      if (await network.find(node, proposal.proposalId) != null) {
        throw new Error(`${node.name} knows the proposal, which nobody has sent yet`)
      }
    }

    stage.say('All nodes have the votes, and now the proposal')
    await speaker.say(proposal.announcement)
    await Promise.all(network.nodes.map(async node => network.proposalAt(node, proposal.proposalId)))
    await Promise.all(network.nodes.map(async node => node.client.vote(SCOPE, proposal.proposalId, 'yes', { signal })))

    return { ...await network.settled([proposal.proposalId], SETTLE_TIMEOUT) }
  }
}
