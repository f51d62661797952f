/**
 * Whatever two honest members know and whenever they look: if one accepts, parks or relays something, the other does not hold it
 * against the one that passes it on. Messages of more than fifty kinds go through the real validator and the real intake of syncs.
 */

import { expect } from 'aegir/chai'
import { toString } from 'uint8arrays/to-string'
import { newSigner } from '../quorum/fixture.ts'
import { deliveryOf, Member } from './member.ts'
import { World } from './world.ts'
import type { Outcome, Route } from './member.ts'
import type { State } from './world.ts'
import type { Encodable } from '../../../src/consensus/encoding/encode.ts'
import type { ScopePolicyInput } from '../../../src/index.ts'
import type { Delivery } from '../../../src/pb/sync.ts'

const ROUTES: Route[] = ['gossip', 'sync', 'two syncs']

/** What a member came to, and how */
interface Validated {
  state: State
  route: Route
  outcome: Outcome
}

const SCOPES: Record<string, Partial<ScopePolicyInput>> = {
  'a scope that decides by quorum': { decisionRule: 'quorum', livenessCriteriaYes: true },
  'an open scope that decides by quorum': { decisionRule: 'quorum', voters: null },
  'a scope that decides by reference': { decisionRule: 'reference', livenessCriteriaYes: true },
  'an open scope that decides by reference': { decisionRule: 'reference', voters: null }
}

describe('what one honest member accepts, parks or relays, and another rejects', function () {
  this.timeout(120_000)

  const voter = newSigner()
  const [member, voterMember] = [new Member(), new Member()]

  before(async () => {
    await member.start(newSigner())
    await voterMember.start(voter)
  })

  after(async () => {
    await Promise.all([member, voterMember].map(async each => each.stop()))
  })

  for (const [index, [what, policy]] of Object.entries(SCOPES).entries()) {
    it(`is nothing in ${what}`, async () => {
      const world = new World(voter, `council-${index}`, policy)

      await world.sign()

      const [kinds, states] = [await world.kinds(), await world.states()]
      // the first of each kind and of each two ways
      const wrong = new Map<string, string>()
      const note = (key: string, words: string): void => { wrong.set(key, wrong.get(key) ?? `${key}: ${words}`) }
      let [combinations, taken] = [0, 0]

      const enter = async (state: State): Promise<Member> => {
        const entered = state.isVoter === true ? voterMember : member

        await entered.reset(world.input, state.now)
        await state.enter?.(entered)

        return entered
      }

      for (const kind of kinds) {
        const validated: Validated[] = []
        const delivery = deliveryOf(kind.data, world.policy)

        for (const state of states) {
          for (const route of delivery == null ? ROUTES.slice(0, 1) : ROUTES) {
            const entered = await enter(state)

            validated.push({ state, route, outcome: await entered.take(route, kind.data, delivery, world.proposal.proposalId) })
          }
        }

        const rejecting = validated.filter(({ outcome }) => outcome.verdict === 'reject')

        for (const one of validated) {
          combinations += validated.length - validated.length / states.length

          if (one.outcome.verdict !== 'accept' && !one.outcome.parked) {
            continue
          }

          taken++

          for (const other of rejecting.filter(({ state }) => state !== one.state)) {
            note(`${kind.what}, ${one.route} and ${other.route}`, `${one.outcome.parked ? 'parked' : 'accepted'} by the first (${one.state.what}), rejected by the second (${other.state.what})`)
          }
        }

        // and what it gives others by sync from then on
        for (const { delivery, from } of given(validated).values()) {
          for (const state of states) {
            combinations++

            if (await (await enter(state)).takeDelivery(delivery) === 'reject') {
              note(`${kind.what}, given by sync`, `taken in (${from}), rejected by another (${state.what})`)
            }
          }
        }
      }

      // eslint-disable-next-line no-console
      console.info(`      ${kinds.length} kinds of message, ${states.length} states, ${ROUTES.length} ways: ${combinations} combinations, ${taken} times one took it in`)
      expect([...wrong.values()]).to.deep.equal([])
      expect(kinds.length).to.be.at.least(20)
      expect(states.length).to.be.at.least(12)
      expect(taken).to.be.greaterThan(0)
    })
  }
})

/** The different things that members give others by sync after they have taken in a message */
function given (validated: Validated[]): Map<string, { delivery: Encodable<Delivery>, from: string }> {
  const deliveries = new Map<string, { delivery: Encodable<Delivery>, from: string }>()

  for (const { outcome: { has }, state } of validated) {
    if (has != null) {
      deliveries.set(has.votes.map(vote => toString(vote, 'base16')).sort().join(' '), { delivery: has, from: state.what })
    }
  }

  return deliveries
}
