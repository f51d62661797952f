import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Random } from '../../scripts/fuzz/random.ts'
import { connectNodes, growMesh } from '../../scripts/simulate/mesh.ts'
import { spreadVotes } from '../../scripts/simulate/rounds.ts'
import { isWithinLimit, runSpread } from '../../scripts/simulate/spread.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Graph } from '../../scripts/simulate/mesh.ts'
import type { SpreadSettings } from '../../scripts/simulate/rounds.ts'

/** 0 – 1 – 2 – … */
function line (length: number): Graph {
  return Array.from({ length }, (_, node) => [node - 1, node + 1].filter(peer => peer >= 0 && peer < length))
}

function settings (mesh: Graph, values: Partial<SpreadSettings> = {}): SpreadSettings {
  return { mesh, connections: mesh, Dlazy: 8, floodPublish: false, heartbeat: 10, ...values }
}

describe('the mesh of the spread simulation', () => {
  it('gives each node as many peers as gossipsub does, and makes it one of theirs', () => {
    const random = new Random(1)
    const connections = connectNodes(300, 25, random)
    const mesh = growMesh(connections, { D: 8, Dlo: 6, Dhi: 16 }, random)

    for (const [node, peers] of mesh.entries()) {
      expect(peers.length).to.be.within(6, 16)
      expect(new Set(peers).size).to.equal(peers.length)

      for (const peer of peers) {
        expect(mesh[peer]).to.include(node)
        expect(connections[node]).to.include(peer)
      }
    }
  })

  it('connects about as many as it is told, all of them in small networks', () => {
    const mean = (graph: Graph): number => graph.reduce((sum, { length }) => sum + length, 0) / graph.length

    expect(mean(connectNodes(200, 25, new Random(2)))).to.be.within(24.9, 25.1)
    expect(connectNodes(4, 25, new Random(2))).to.deep.equal([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
  })
})

describe('the rounds of the spread simulation', () => {
  it('are one for each connection that a vote has to cross', () => {
    expect(spreadVotes([0], settings(line(5)), new Random(1))).to.deep.equal({ votes: [4], nodes: [0, 1, 2, 3, 4], messages: 4, heartbeats: 0 })
    expect(spreadVotes([0, 2], settings(line(5)), new Random(1))).to.deep.equal({ votes: [4, 2], nodes: [2, 1, 2, 3, 4], messages: 8, heartbeats: 0 })
  })

  it('count copies that a node has already, but none that goes back', () => {
    const triangle = [[1, 2], [0, 2], [0, 1]]

    // 0 sends two, and 1 and 2 send one to each other
    expect(spreadVotes([0], settings(triangle), new Random(1))).to.deep.include({ votes: [1], messages: 4 })
  })

  it('begin with all peers of the voter where it floods', () => {
    const all = connectNodes(5, 4, new Random(1))

    expect(spreadVotes([0], settings(line(5), { connections: all, floodPublish: true }), new Random(1)).votes).to.deep.equal([1])
    expect(spreadVotes([0], settings(line(5), { connections: all }), new Random(1)).votes).to.deep.equal([4])
  })

  it('wait for a heartbeat where the mesh does not reach', () => {
    const parts = [[1], [0], [3], [2]]
    const { votes, heartbeats } = spreadVotes([0], settings(parts, { connections: line(4) }), new Random(1))

    // 1 has it in round 1, 2 asks 1 at the heartbeat in 10 and has it in 12, 3 in 13
    expect(votes).to.deep.equal([13])
    expect(heartbeats).to.equal(1)
  })

  it('are more than votes have where a part is cut off', () => {
    expect(() => spreadVotes([0], settings([[1], [0], [3], [2]]), new Random(1))).to.throw('2 votes are missing')
  })

  it('are those of each vote by itself, however many spread at once', () => {
    const random = new Random(3)
    const connections = connectNodes(70, 6, random)
    const mesh = growMesh(connections, { D: 3, Dlo: 2, Dhi: 4 }, random)
    const voters = [...mesh.keys()]
    const together = spreadVotes(voters, settings(mesh, { connections }), new Random(1))

    expect(together.heartbeats).to.equal(0)
    expect(together.votes).to.deep.equal(voters.map(voter => spreadVotes([voter], settings(mesh, { connections }), new Random(1)).votes[0]))
  })
})

describe('the spread simulation', () => {
  const folder = useTempFolder()

  it('prints a table, draws it, and gives the same for the same seed', async () => {
    const lines: string[] = []
    const svg = join(folder.path, 'spread.svg')
    const { figures, ok } = await runSpread({ nodes: 100, seed: 7, svg, say: line => { lines.push(line) } })

    expect(ok).to.equal(true)
    expect(figures.map(({ nodes }) => nodes)).to.deep.equal([10, 20, 50, 100])
    expect(figures[3]).to.include({ nodes: 100, quorum: 67, limit: 2 * Math.log2(100) })
    expect(figures[3].voteRounds).to.be.within(2, 4)
    expect(figures[3].messagesPerVote).to.be.within(6, 16)
    expect(figures[3].messagesPerDecision).to.be.closeTo(67 * figures[3].messagesPerVote, 0.001)
    expect(lines[0]).to.include('D 8, Dlo 6, Dhi 16, Dlazy 8, floodPublish true; seed 7')
    expect(lines.filter(line => /^ +100 /.test(line))).to.have.lengthOf(1)
    expect((await runSpread({ nodes: 100, seed: 7, say: () => {} })).figures).to.deep.equal(figures)

    const image = await readFile(svg, 'utf8')
    expect(image).to.match(/^<svg /)
    expect(image).to.not.match(/NaN|Infinity|undefined/)
  })

  it('fails where a vote or a decision takes more than 2·log2 n rounds', () => {
    expect(isWithinLimit({ voteRounds: 6, decisionRounds: 6, limit: 6 })).to.equal(true)
    expect(isWithinLimit({ voteRounds: 7, decisionRounds: 6, limit: 6 })).to.equal(false)
    expect(isWithinLimit({ voteRounds: 6, decisionRounds: 7, limit: 6.6 })).to.equal(false)
  })

  it('refuses numbers of nodes that it does not measure', async () => {
    for (const nodes of [9, 10_001, 12.5, NaN]) {
      await expect(runSpread({ nodes, seed: 1, say: () => {} })).to.eventually.be.rejectedWith(RangeError, `must be 10 to 10000, got ${nodes}`)
    }
  })
})
