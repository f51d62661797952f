/**
 * What scenarios play on: networks, peers and proxies that are ended with the scenario, however it ends.
 */

import { Network } from './network.ts'
import { startOf } from './node-process.ts'
import { Peer } from './peer.ts'
import type { NetworkInit } from './network.ts'
import type { Comparison } from './vote-sets.ts'
import type { GossipSigning } from '../../src/node/interface.ts'

export interface StageInit {
  /** How many nodes there are */
  nodes: number
  gossipSigning: GossipSigning
  stop: AbortController
  /** Tells of what happens */
  say (line: string): void
}

/** What a scenario has come to; what else there is goes into its report */
export interface ScenarioResult extends Comparison {
  /** Whether all else that it checks is as it should be; why not is in `differences` */
  ok?: boolean
  [figure: string]: unknown
}

export interface Scenario {
  name: string
  description: string
  nodes: { least: number, usual: number }
  run (stage: Stage): Promise<ScenarioResult>
}

export class Stage {
  readonly nodes: number
  readonly stop: AbortController
  private readonly init: StageInit
  private readonly endings: Array<() => Promise<void>> = []
  private readonly networks: Network[] = []

  constructor (init: StageInit) {
    this.init = init
    this.nodes = init.nodes
    this.stop = init.stop
  }

  get signal (): AbortSignal {
    return this.stop.signal
  }

  /** Where the logs of the nodes are, if any have been made */
  get logs (): string | undefined {
    return this.networks[0]?.logs
  }

  say (line: string): void {
    this.init.say(line)
  }

  /** Makes nodes, and starts none */
  async network (init: Omit<NetworkInit, 'stop' | 'gossipSigning' | 'onStarted'>): Promise<Network> {
    const { stop, gossipSigning, say } = this.init
    const network = await Network.create({ ...init, stop, gossipSigning, onStarted: node => { say(startOf(node)) } })

    this.networks.push(network)

    return network
  }

  /** Starts a peer on the topic of the network's scope */
  async peer ({ policy, gossipSigning }: Network): Promise<Peer> {
    const peer = await Peer.start(policy, gossipSigning, this.signal)

    this.atEnd(async () => { await peer.stop() })

    return peer
  }

  atEnd (ending: () => Promise<void>): void {
    this.endings.push(ending)
  }

  /** Ends all there is */
  async end ({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    const ended = await Promise.allSettled(this.endings.splice(0).map(async end => end()))

    for (const network of this.networks.splice(0)) {
      await network.stop({ keepLogs })
    }

    const failure = ended.find(({ status }) => status === 'rejected')

    if (failure != null) {
      throw (failure as PromiseRejectedResult).reason
    }
  }
}
