/**
 * What a peer's behaviour on a voting topic is worth to gossipsub.
 *
 * Topics that `scoreParams.topics` does not name are never scored, and sending invalid messages costs nothing there: hosts
 * that bring their own gossipsub put this into it before they join a scope.
 */

const second = 1_000

/** The fields of gossipsub's TopicScoreParams, of whatever version */
export interface VotingTopicScoreParams {
  topicWeight: number
  timeInMeshWeight: number
  timeInMeshQuantum: number
  timeInMeshCap: number
  firstMessageDeliveriesWeight: number
  firstMessageDeliveriesDecay: number
  firstMessageDeliveriesCap: number
  meshMessageDeliveriesWeight: number
  meshMessageDeliveriesDecay: number
  meshMessageDeliveriesCap: number
  meshMessageDeliveriesThreshold: number
  meshMessageDeliveriesWindow: number
  meshMessageDeliveriesActivation: number
  meshFailurePenaltyWeight: number
  meshFailurePenaltyDecay: number
  invalidMessageDeliveriesWeight: number
  invalidMessageDeliveriesDecay: number
}

/**
 * For `scoreParams.topics` of a gossipsub. Four invalid messages outweigh all that a peer can earn on the topic, with the
 * graylist threshold of −80 that gossipsub has by default.
 *
 * @param topic - as `topicOf` gives it, or a scope's `topic`
 */
export function votingScoreParams (topic: string): Record<string, VotingTopicScoreParams> {
  return {
    [topic]: {
      // each scope counts as much as any other
      topicWeight: 1,
      // the default quantum of 1 ms soon outweighs any number of invalid messages
      timeInMeshWeight: 0.01,
      timeInMeshQuantum: second,
      // five minutes, 3 points at most: being there is no merit
      timeInMeshCap: 300,
      // who brings news first is a good neighbour, for as long as that is news: 10 points at most
      firstMessageDeliveriesWeight: 1,
      firstMessageDeliveriesDecay: 0.5,
      firstMessageDeliveriesCap: 10,
      // P3 and P3b off: voting topics are quiet most of the time, which is no fault of anybody
      meshMessageDeliveriesWeight: 0,
      meshMessageDeliveriesDecay: 0.5,
      meshMessageDeliveriesCap: 100,
      meshMessageDeliveriesThreshold: 20,
      meshMessageDeliveriesWindow: 10,
      meshMessageDeliveriesActivation: 5 * second,
      meshFailurePenaltyWeight: 0,
      meshFailurePenaltyDecay: 0.5,
      // the square of their number counts: 10, 40, 90, 160. Half of the number is forgotten in 23 s
      invalidMessageDeliveriesWeight: -10,
      invalidMessageDeliveriesDecay: 0.97
    }
  }
}
