import { expect } from 'aegir/chai'
import { votingScoreParams } from '../../../src/index.ts'
import { connectionManagerSettings, gossipsubSettings, tcpSettings } from '../../../src/node/libp2p/settings.ts'

const KiB = 1_024
const MiB = 1_024 * KiB

// whoever changes one of these is to know that it was decided
describe('settings of a node', () => {
  const scoreOf = (): number => 0

  it('are these for gossipsub', () => {
    // see message-ids.spec.ts for the ids
    const { scoreParams, msgIdFn, fastMsgIdFn, msgIdToStrFn, ...settings } = gossipsubSettings({ local: false, signing: 'StrictSign', scoreOf })

    expect(settings).to.deep.equal({
      globalSignaturePolicy: 'StrictSign',
      allowPublishToZeroTopicPeers: false,
      ignoreDuplicatePublishError: true,
      asyncValidation: true,
      mcacheLength: 30,
      awaitRpcHandler: true,
      awaitRpcMessageHandler: true,
      maxInboundDataLength: 4 * MiB,
      maxOutboundBufferSize: 4 * MiB,
      decodeRpcLimits: {
        maxSubscriptions: 256,
        maxMessages: 5_000,
        maxIhaveMessageIDs: 5_000,
        maxIwantMessageIDs: 5_000,
        maxIdontwantMessageIDs: 512,
        maxControlMessages: 5_000,
        maxPeerInfos: 16
      },
      maxTopicBytesPerPeer: 64 * KiB,
      D: 8,
      Dlo: 6,
      Dhi: 16,
      Dout: 2,
      Dlazy: 8,
      floodPublish: true,
      doPX: false,
      fallbackToFloodsub: false,
      seenTTL: 10 * 60 * 1_000,
      scoreThresholds: { gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80, acceptPXThreshold: 1_000 }
    })
    expect(scoreParams).to.deep.equal({
      appSpecificScore: scoreOf,
      appSpecificWeight: 1,
      IPColocationFactorThreshold: 5,
      IPColocationFactorWeight: -5,
      IPColocationFactorWhitelist: new Set(),
      behaviourPenaltyThreshold: 6
    })
    expect(msgIdFn).to.equal(undefined)
  })

  it('are others where messages are not signed, and where all peers are on one machine', () => {
    const { scoreParams, msgIdFn, globalSignaturePolicy } = gossipsubSettings({ local: true, signing: 'StrictNoSign', scoreOf })

    expect(globalSignaturePolicy).to.equal('StrictNoSign')
    expect(msgIdFn).to.be.a('function')
    expect(scoreParams?.IPColocationFactorWhitelist).to.deep.equal(new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']))
    expect(connectionManagerSettings(true).inboundConnectionThreshold).to.equal(50)
  })

  it('are these for connections', () => {
    expect(connectionManagerSettings(false)).to.deep.equal({ maxConnections: 100, maxIncomingPendingConnections: 10, inboundConnectionThreshold: 5, inboundUpgradeTimeout: 5_000 })
    expect(tcpSettings()).to.deep.equal({ maxConnections: 120, backlog: 64 })
  })

  it('are these for what messages on a topic are worth', () => {
    const { votes } = votingScoreParams('votes')

    expect(votes).to.deep.include({
      topicWeight: 1,
      timeInMeshWeight: 0.01,
      timeInMeshQuantum: 1_000,
      timeInMeshCap: 300,
      firstMessageDeliveriesWeight: 1,
      firstMessageDeliveriesCap: 10,
      meshMessageDeliveriesWeight: 0,
      meshFailurePenaltyWeight: 0,
      invalidMessageDeliveriesWeight: -10,
      invalidMessageDeliveriesDecay: 0.97
    })

    // what a peer can earn at most does not make up for four invalid messages, but for three
    const best = votes.timeInMeshCap * votes.timeInMeshWeight + votes.firstMessageDeliveriesCap * votes.firstMessageDeliveriesWeight
    const worth = (invalid: number): number => best + invalid ** 2 * votes.invalidMessageDeliveriesWeight

    expect(worth(4)).to.be.below(-80)
    expect(worth(3)).to.be.above(-80)
  })
})
